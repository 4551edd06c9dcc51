"""The pages as a browser without a script meets them: signing in, what guards them, reading, and acting by forms."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from flask.testing import FlaskClient

from access.keys import create_key, revoke_key
from access.roles import Role
from access.sessions import make_link
from tests.web.live import Site, another_order
from web.pages.charts import LINES, nice

UNSAFE = re.compile(r"unsafe|https?:|\*")


@pytest.fixture
def desk(site: Site) -> Iterator[FlaskClient]:
    """A browser in which an admin is signed in."""
    with signed_in(site, Role.ADMIN) as client:
        yield client


def signed_in(site: Site, role: Role) -> FlaskClient:
    client = site.app.test_client()
    assert client.post("/sign-in", data={"key": site.keys[role]}).status_code == 303
    return client


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    return found[1]


def fields_of(page: str) -> dict[str, str]:
    """What the command form of a page would send: hidden fields and inputs as they are."""
    form = re.search(r'<form class="form command".*?</form>', page, re.DOTALL)
    assert form
    found: dict[str, str] = {}
    for tag in re.findall(r"<input[^>]*>", form[0]):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name:
            found[name[1]] = unescape(value[1]) if value else ""
    return found


def forget_failures(site: Site) -> None:
    with psycopg.connect(site.shop.database.owner_url, autocommit=True) as connection:
        connection.execute("TRUNCATE access.failed_sign_ins")


def placed(site: Site, **changes: Any) -> str:
    order_id: str = site.post("orders", another_order(**changes)).json["order_id"]
    site.follow()
    return order_id


def test_a_stranger_is_sent_to_sign_in_and_comes_back(site: Site) -> None:
    client = site.app.test_client()
    answer = client.get("/?status=Pending")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2F%3Fstatus%3DPending"
    form = client.get(answer.headers["Location"]).text
    assert 'name="next" value="/?status=Pending"' in form
    welcome = client.post("/sign-in", data={"key": site.keys[Role.ADMIN], "next": "/?status=Pending"})
    assert welcome.headers["Location"] == "/?status=Pending"
    assert client.get("/?status=Pending").status_code == 200


@pytest.mark.parametrize("elsewhere", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:1"])
def test_signing_in_leads_nowhere_else(site: Site, elsewhere: str) -> None:
    answer = site.app.test_client().post("/sign-in", data={"key": site.keys[Role.ADMIN], "next": elsewhere})
    assert answer.headers["Location"] == "/"


def test_a_cookie_is_for_the_server_alone_and_the_table_knows_only_its_hash(site: Site) -> None:
    answer = site.app.test_client().post("/sign-in", data={"key": site.keys[Role.ADMIN]})
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    token = cookie.partition("=")[2].partition(";")[0]
    with psycopg.connect(site.shop.database.owner_url) as connection:
        kept = connection.execute("SELECT string_agg(sessions::text, ' ') FROM access.sessions").fetchone()
    assert kept
    assert token not in kept[0]


def test_a_link_signs_in_once(site: Site) -> None:
    with psycopg.connect(site.shop.database.owner_url) as connection:
        link = make_link(connection, site.keys[Role.ADMIN].split("_")[1])
    client = site.app.test_client()
    for _ in range(2):  # looking at it uses nothing up
        assert f'value="{link}"' in client.get(f"/sign-in?link={link}").text
    assert client.post("/sign-in", data={"link": link}).status_code == 303
    again = site.app.test_client().post("/sign-in", data={"link": link})
    assert again.status_code == 401
    assert "used already" in again.text


def test_a_session_ends_with_its_key(site: Site) -> None:
    with psycopg.connect(site.shop.database.owner_url, autocommit=True) as connection:
        key = create_key(connection, Role.AUDITOR, "leaving")
        client = site.app.test_client()
        client.post("/sign-in", data={"key": key})
        assert client.get("/").status_code == 200
        revoke_key(connection, key.split("_")[1])
    assert client.get("/").status_code == 303


def test_an_idle_session_ends(site: Site) -> None:
    client = signed_in(site, Role.AUDITOR)
    with psycopg.connect(site.shop.database.owner_url, autocommit=True) as connection:
        connection.execute("UPDATE access.sessions SET seen_at = now() - interval '13 hours'")
    assert client.get("/").status_code == 303


def test_signing_out_ends_the_session_for_good(site: Site) -> None:
    client = signed_in(site, Role.AUDITOR)
    cookie = client.get_cookie("daybook_session")
    assert cookie
    client.post("/sign-out", data={"csrf": csrf_in(client.get("/").text)})
    client.set_cookie("daybook_session", cookie.value)
    assert client.get("/").status_code == 303


def test_who_fails_too_often_has_to_wait(site: Site) -> None:
    forget_failures(site)
    client = site.app.test_client()
    wrong = "dbk_000000000000_" + "0" * 48
    tries = [client.post("/sign-in", data={"key": wrong}).status_code for _ in range(11)]
    assert tries == [401] * 10 + [429]
    forget_failures(site)


def test_a_form_of_nobody_or_of_another_site_does_nothing(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    path = f"/act/orders/{order_id}/hold"
    assert desk.post(path, data={"csrf": "wrong"}).status_code == 403
    form = fields_of(desk.get(path).text)
    assert desk.post(path, data=form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert desk.post(path, data=form, headers={"Origin": "https://evil.example"}).status_code == 403
    assert site.get(f"/queries/orders/{order_id}").json["status"] == "Pending"


def test_every_page_has_a_policy_without_exceptions(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    for path in ("/", "/sign-in", f"/orders/{order_id}", "/nothing-here", f"/act/orders/{order_id}/cancel"):
        answer = desk.get(path, headers={"Accept": "text/html"})
        policy = answer.headers.getlist("Content-Security-Policy")
        assert len(policy) == 1
        assert policy[0].startswith("default-src 'none'")
        assert not UNSAFE.search(policy[0])
        assert answer.headers["Cache-Control"] == "no-store"
        assert not re.search(r'(src|href|action)="(https?:)?//', answer.text)
        assert not re.search(r"<[^>]+ (style|on[a-z]+)=", answer.text)


def test_the_grid_shows_what_its_address_asks(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site, store="harbour")
    page = desk.get("/?store=harbour&sort=grand_total").text
    assert f"/orders/{order_id}" in page
    assert 'aria-sort="ascending"' in page
    assert "harbour" in desk.get("/?store=nowhere").text or "No order matches" in desk.get("/?store=nowhere").text


def test_what_an_order_carries_is_text_in_the_table_and_never_markup(site: Site, desk: FlaskClient) -> None:
    spoiled = '"><script>alert(1)</script>'
    placed(site, external_reference=f"R-{spoiled}", order_number=f"N-{spoiled}")
    page = desk.get("/?columns=order_number,external_reference").text
    assert "<script>alert" not in page
    assert "N-&quot;&gt;&lt;script&gt;" in page
    assert "R-&quot;&gt;&lt;script&gt;" in page


def test_an_order_on_which_nothing_was_paid_is_called_unpaid(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    assert '<span class="pill ">Unpaid</span>' in desk.get(f"/orders/{order_id}").text
    listed = desk.get("/?payment_status=none&columns=order_number,payment_status").text
    assert '<bdi class="strong">Unpaid</bdi>' in listed
    assert 'value="none" checked>Unpaid</label>' in listed
    german = desk.get(f"/orders/{order_id}", headers={"Accept-Language": "de"}).text
    assert ">Unbezahlt</span>" in german


def test_an_address_is_read_from_the_side_of_its_first_line(site: Site, desk: FlaskClient) -> None:
    address = {"name": "ليلى العتيبي", "street": ["شارع 5"], "city": "الكويت", "country": "KW", "phone": "+965 1"}
    page = desk.get(f"/orders/{placed(site, shipping_address=address)}").text
    shown = page.split('<address dir="auto">')[1].split("</address>")[0]
    outside = re.sub(r"<bdi>.*?</bdi>|<a .*?</a>|<br>", "", shown)
    assert outside.strip() == address["name"]  # what the browser looks at to find the direction
    assert "<bdi>Kuwait</bdi>" in shown
    assert '<a href="tel:+965 1" dir="ltr">' in shown


def test_the_form_of_filters_tells_what_each_address_asks(desk: FlaskClient) -> None:
    """It is kept for the next who asks the same, and must not be shown to who asks something else."""
    paid, unpaid = (desk.get(f"/?payment_status={each}&limit=25").text for each in ("paid", "pending"))
    for page, ticked, other in ((paid, "paid", "pending"), (unpaid, "pending", "paid")):
        assert f'name="payment_status" value="{ticked}" checked' in page
        assert f'name="payment_status" value="{other}">' in page


def test_empty_fields_of_a_filter_are_left_out_of_the_address(desk: FlaskClient) -> None:
    answer = desk.get("/?q=&store=main&grand_total_min=")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/?store=main")


def test_a_wrong_parameter_is_a_page_that_says_so(desk: FlaskClient) -> None:
    answer = desk.get("/?colour=red")
    assert answer.status_code == 400
    assert "colour" in answer.text
    assert answer.content_type.startswith("text/html")


def test_columns_are_kept_per_person(site: Site, desk: FlaskClient) -> None:
    placed(site)
    csrf = csrf_in(desk.get("/").text)
    chosen = {"csrf": csrf, "column": ["total_due", "order_number"], "place.total_due": "2", "place.order_number": "1"}
    assert desk.post("/orders/columns", data=chosen).status_code == 303
    head = re.search(r"<thead>.*?</thead>", desk.get("/").text, re.DOTALL)
    assert head
    assert re.findall(r"sort=-?([a-z_]+)", head[0]) == ["order_number", "total_due"]
    desk.post("/orders/columns", data={"csrf": csrf, "usual": "1"})


def test_a_form_acts_once_however_often_it_is_sent(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    path = f"/act/orders/{order_id}/comment"
    form = fields_of(desk.get(path).text) | {"text": "Called back", "version": ""}
    assert [desk.post(path, data=form).status_code for _ in range(2)] == [303, 303]
    comments = site.get(f"/queries/orders/{order_id}").json["comments"]
    assert [each["text"] for each in comments] == ["Called back"]
    assert comments[0]["author"]["id"] == site.keys[Role.ADMIN].split("_")[1]


def test_a_stale_form_says_what_changed_and_does_nothing(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    path = f"/act/orders/{order_id}/cancel"
    form = fields_of(desk.get(path).text)
    site.post(f"orders/{order_id}/hold", {"reason": "suspicious"})
    answer = desk.post(path, data=form)
    assert answer.status_code == 412
    assert "Order held" in answer.text
    assert site.get(f"/queries/orders/{order_id}").json["status"] == "On Hold"


def test_a_refusal_stands_in_the_form_with_what_was_typed(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    path = f"/act/orders/{order_id}/invoices"
    form = fields_of(desk.get(path).text) | {"lines.0.quantity": "99"}
    answer = desk.post(path, data=form)
    assert answer.status_code == 409
    assert "Quantity exceeds uninvoiced" in answer.text
    assert fields_of(answer.text)["lines.0.quantity"] == "99"


def test_what_is_not_filled_in_as_it_has_to_be_is_named_once_and_at_its_field(site: Site, desk: FlaskClient) -> None:
    path = f"/act/orders/{placed(site)}/capture-payment"
    form = fields_of(desk.get(path).text) | {"amount": "1e9x", "provider_reference": "ref-1"}
    page = desk.post(path, data=form).text
    alert = page.split('role="alert">')[1].split("</div>")[0]
    assert "Not sent yet" in alert
    assert alert.count("Must be a decimal number") == 1
    assert "/amount" not in alert
    assert page.split(alert)[1].count("Must be a decimal number") == 1


def test_forms_invoice_ship_and_refund_what_is_left(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    for verb, typed in (("invoices", {}), ("shipments", {"carrier": "ups"})):
        path = f"/act/orders/{order_id}/{verb}"
        answer = desk.post(path, data=fields_of(desk.get(path).text) | typed)
        assert answer.status_code == 303, answer.text
    order = site.get(f"/queries/orders/{order_id}").json
    assert order["status"] == "Complete"
    path = f"/act/invoices/{order['invoices'][0]['invoice_id']}/refund"
    form = fields_of(desk.get(path).text) | {"lines.0.quantity": "1", "lines.0.disposition": "shipped"}
    assert desk.post(path, data=form).status_code == 303
    assert site.get(f"/queries/orders/{order_id}").json["lines"][0]["refunded"] == 1


def test_an_auditor_reads_and_has_no_forms(site: Site) -> None:
    order_id = placed(site)
    auditor = signed_in(site, Role.AUDITOR)
    assert "What can be done" not in auditor.get(f"/orders/{order_id}").text
    assert auditor.get(f"/act/orders/{order_id}/hold").status_code == 403


def test_who_may_only_read_has_nothing_to_tick(site: Site, desk: FlaskClient) -> None:
    site.follow()
    assert "data-pick" in desk.get("/").text
    with signed_in(site, Role.AUDITOR) as auditor:
        assert "data-pick" not in auditor.get("/").text


def test_documents_open_from_the_page(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    site.post(f"orders/{order_id}/invoices", {"lines": "all_remaining"})
    page = desk.get(f"/orders/{order_id}").text
    path = re.search(r'"(/documents/invoices/[^"]+)"', page)
    assert path
    assert desk.get(path[1]).data.startswith(b"%PDF")


def test_texts_amounts_and_times_are_the_visitors(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    desk.set_cookie("daybook_zone", "Asia/Tokyo")
    page = desk.get(f"/orders/{order_id}", headers={"Accept-Language": "de-AT,de;q=0.9"}).text
    assert "43,01" in page
    site.post(f"orders/{order_id}/capture-payment", {"amount": "43.01", "provider_reference": "transfer-9"})
    told = desk.get(f"/orders/{order_id}", headers={"Accept-Language": "de-AT,de;q=0.9"}).text
    assert "Betrag: <bdi>43,01</bdi>" in told
    assert re.search(r'<time datetime="[^"]+Z" title="[0-9 :.-]+ UTC">', page)


def test_what_is_nowhere_is_a_page_for_people_and_a_problem_for_programs(desk: FlaskClient) -> None:
    assert desk.get("/nowhere", headers={"Accept": "text/html"}).content_type.startswith("text/html")
    assert desk.get("/nowhere").content_type == "application/problem+json"
    assert desk.get("/queries/nowhere", headers={"Accept": "text/html"}).content_type == "application/problem+json"


def test_what_there_is_none_of_is_said_on_its_page(site: Site, desk: FlaskClient) -> None:
    page = desk.get(f"/orders/{uuid4()}", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "There is nothing at this path." in page.text
    assert "code not_found" in page.text
    stranger = site.client.get("/track/nobodys", headers={"Accept": "text/html"})
    assert "There is nothing at this path." in stranger.text
    assert "To the orders" not in stranger.text


def test_files_are_kept_for_good_under_the_hash_of_their_content(site: Site) -> None:
    client = site.app.test_client()
    path = re.search(r'href="(/static/daybook.css\?v=[0-9a-f]+)"', client.get("/sign-in").text)
    assert path
    answer = client.get(path[1], headers={"Accept-Encoding": "gzip"})
    assert "immutable" in answer.headers["Cache-Control"]
    assert answer.headers["Content-Encoding"] == "gzip"
    assert client.get("/static/../rendering.py").status_code == 404


def test_orders_named_by_number_become_a_batch_that_is_processed(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site, payment={"method": "cash_on_delivery"})
    number = site.get(f"/queries/orders/{order_id}").json["order_number"]
    hidden = {"csrf": csrf_in(desk.get("/batches").text), "key": "batch-1"}
    made = desk.post(
        "/batches",
        data=hidden | {"numbers": number.lstrip("0"), "carrier": "ups", "origin": "main", "service": "ground"},
    )
    assert made.status_code == 303, made.text
    page = desk.get(made.headers["Location"]).text
    assert number in page
    batch_id = made.headers["Location"].rpartition("/")[2]
    assert desk.post(f"/act/batches/{batch_id}/process", data=hidden | {"key": "process-1"}).status_code == 303
    assert 'hx-trigger="every 1s"' in desk.get(f"/batches/{batch_id}").text


def test_a_number_that_no_order_has_is_named(desk: FlaskClient) -> None:
    form = {"csrf": csrf_in(desk.get("/batches").text), "numbers": "424242", "carrier": "ups", "origin": "main"}
    answer = desk.post("/batches", data=form | {"service": "ground"})
    assert answer.status_code == 422
    assert "424242" in answer.text


def test_ticked_packages_are_scheduled_and_the_manifest_is_issued(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site, payment={"method": "cash_on_delivery"})
    site.post(f"orders/{order_id}/shipments", {"lines": "all_remaining", "carrier": "ups"})
    site.follow()
    page = desk.get("/dispatches?carrier=ups&location=main").text
    shipment = re.search(r'name="shipment" value="([^"]+)"', page)
    ready_at = re.search(r'name="ready_at" required value="([^"]+)"', page)
    assert shipment
    assert ready_at
    form = {"csrf": csrf_in(page), "key": "pickup-1", "carrier": "ups", "location": "main", "ready_at": ready_at[1]}
    made = desk.post("/dispatches", data=form | {"shipment": shipment[1]})
    assert made.status_code == 303, made.text
    home = made.headers["Location"]
    assert "Close and issue the manifest" in desk.get(home).text
    closed = desk.post(f"/act{home}/close", data={"csrf": form["csrf"], "key": "close-1", "next": home})
    assert closed.headers["Location"] == home
    assert desk.get(f"/documents{home}/manifest.pdf").data.startswith(b"%PDF")


@pytest.mark.parametrize("kind", ["invoices", "shipments", "credit-memos", "batches", "dispatches"])
def test_lists_of_documents_show_and_filter(site: Site, desk: FlaskClient, kind: str) -> None:
    assert desk.get(f"/{kind}").status_code == 200
    assert desk.get(f"/{kind}?q=nothing-like-this").status_code == 200
    assert desk.get(f"/{kind}?colour=red").status_code == 400


def test_many_orders_are_held_at_once_with_a_result_for_each(site: Site, desk: FlaskClient) -> None:
    orders = [placed(site, store="mass") for _ in range(3)]
    site.post(f"orders/{orders[0]}/hold", {})
    site.follow()
    page = desk.get("/?store=mass").text
    run = re.search(r'name="run" value="([^"]+)"', page)
    assert run
    form = {"csrf": csrf_in(page), "run": run[1], "all": "1", "query": "store=mass", "action": "orders/hold"}
    results = desk.post("/orders/act", data=form).text
    assert "2 done, 1 refused" in results
    assert "Hold not available" in results
    again = desk.post("/orders/act", data=form)  # sent twice, done once
    assert again.headers["Location"] == f"/orders/act/{run[1]}"
    assert "2 done, 1 refused" in desk.get(again.headers["Location"]).text
    assert desk.get(f"/orders/act/{run[1]}.csv").text.count("hold_not_available") == 1
    assert [site.get(f"/queries/orders/{each}").json["status"] for each in orders] == ["On Hold"] * 3


def test_orders_that_were_ticked_are_named_by_number_in_the_results(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    number = site.get(f"/queries/orders/{order_id}").json["order_number"]
    site.post(f"orders/{order_id}/hold", {})
    site.follow()
    page = desk.get("/").text
    run = re.search(r'name="run" value="([^"]+)"', page)
    assert run
    form = {"csrf": csrf_in(page), "run": run[1], "order": order_id, "action": "orders/hold"}
    results = desk.post("/orders/act", data=form).text
    assert f'<a href="/orders/{order_id}">{number}</a>' in results
    assert "0 done, 1 refused" in results


def test_what_others_did_to_many_is_not_shown(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    page = desk.get("/").text
    run = re.search(r'name="run" value="([^"]+)"', page)
    assert run
    desk.post("/orders/act", data={"csrf": csrf_in(page), "run": run[1], "order": order_id, "action": "orders/hold"})
    assert signed_in(site, Role.INTEGRATOR).get(f"/orders/act/{run[1]}").status_code == 404


def test_a_view_is_kept_as_a_tab_and_shared(site: Site, desk: FlaskClient) -> None:
    form = {"csrf": csrf_in(desk.get("/").text), "name": "Harbour", "query": "store=harbour", "columns": "order_number"}
    answer = desk.post("/views", data=form | {"shared": "1"})
    assert answer.headers["Location"] == "/?store=harbour&columns=order_number"
    assert ">Harbour<" in signed_in(site, Role.AUDITOR).get("/").text
    view = re.search(r'action="(/views/[^"]+/delete)"', desk.get("/").text)
    assert view
    desk.post(view[1], data={"csrf": form["csrf"]})
    assert ">Harbour<" not in desk.get("/").text


def test_the_export_of_the_page_is_the_list(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site, store="exported")
    path = re.search(r'href="(/export/orders.csv[^"]*)"', desk.get("/?store=exported").text)
    assert path
    text = desk.get(unescape(path[1])).get_data(as_text=True)
    assert text.count("exported") == 1
    assert site.get(f"/queries/orders/{order_id}").json["order_number"] in text


def test_a_customer_follows_the_order_by_its_link_without_a_key(site: Site) -> None:
    order_id = placed(site, payment={"method": "cash_on_delivery"})
    site.post(f"orders/{order_id}/shipments", {"lines": "all_remaining", "carrier": "ups"})
    site.follow()
    token = site.get(f"/queries/orders/{order_id}").json["tracking_token"]
    answer = site.app.test_client().get(f"/track/{token}?lang=de")
    assert answer.status_code == 200
    assert '<html lang="de">' in answer.text
    assert "UPS" in answer.text
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    for private in ("Ana Silva", "ana@example.com", "Rua Nova", "43.01"):
        assert private not in answer.text
    assert site.app.test_client().get("/track/nothing").status_code == 404


def test_a_customer_signs_in_to_an_account_and_nothing_else(site: Site) -> None:
    placed(site, customer={"id": "c-account", "name": "Ana Silva"})
    with psycopg.connect(site.shop.database.owner_url, autocommit=True) as connection:
        key = create_key(connection, Role.CUSTOMER, "Ana Silva", customer_id="c-account")
    client = site.app.test_client()
    client.post("/sign-in", data={"key": key})
    assert client.get("/").headers["Location"] == "/account"
    assert client.get("/account").text.count('href="/track/') == 1
    assert client.get("/invoices").status_code == 403
    assert client.get("/dashboard").status_code == 403


def test_the_dashboard_counts_and_each_chart_has_its_table(site: Site, desk: FlaskClient) -> None:
    placed(site)
    page = desk.get("/dashboard?days=7").text
    assert page.count('<svg class="chart"') == 2
    assert page.count("As a table") == 2
    figures = site.get("/queries/dashboard?days=7").json
    assert sum(day["orders"] for day in figures["by_day"]) > 0
    assert desk.get("/dashboard?days=1000").status_code == 422


@pytest.mark.parametrize("highest", [0, 1, 3.5, 4, 5, 9, 10, 13, 47, 99, 100, 7_500, 119_999])
def test_beside_the_lines_of_a_chart_stand_whole_numbers(highest: float) -> None:
    top = nice(highest)
    assert highest <= top <= max(4, 2 * highest)
    assert top % LINES == 0


def test_an_auditor_reads_who_did_what_and_why(site: Site) -> None:
    order_id = placed(site)
    site.post(f"orders/{order_id}/hold", {"reason": "the address is odd"})
    auditor = signed_in(site, Role.AUDITOR)
    page = auditor.get(f"/audit/history/{order_id}").text
    assert "Order held" in page
    assert "the address is odd" in page
    number = site.get(f"/queries/orders/{order_id}").json["order_number"]
    assert auditor.get(f"/audit/find?q={number}").headers["Location"] == f"/audit/history/{order_id}"
    assert auditor.get("/audit").status_code == 200
    assert signed_in(site, Role.INTEGRATOR).get("/audit").status_code == 403


def test_language_and_zone_are_chosen_in_the_settings(site: Site, desk: FlaskClient) -> None:
    csrf = csrf_in(desk.get("/settings").text)
    desk.post("/settings", data={"csrf": csrf, "language": "de-DE", "zone": "Asia/Tokyo"})
    assert '<html lang="de">' in desk.get("/").text
    desk.post("/settings", data={"csrf": csrf, "language": "", "zone": ""})
    assert '<html lang="en">' in desk.get("/").text


def test_only_who_administers_sees_keys(site: Site, desk: FlaskClient) -> None:
    key_id = site.keys[Role.INTEGRATOR].split("_")[1]
    assert key_id in desk.get("/settings/keys").text
    assert "/settings/keys" in desk.get("/settings").text
    for role in (Role.AUDITOR, Role.INTEGRATOR):
        other = signed_in(site, role)
        assert other.get("/settings/keys").status_code == 403
        assert other.get(f"/settings/keys/{key_id}").status_code == 403
        assert "/settings/keys" not in other.get("/settings").text


def test_what_is_not_possible_now_is_named_with_the_reason(site: Site, desk: FlaskClient) -> None:
    order_id = placed(site)
    refused = site.get(f"/queries/orders/{order_id}").json["refused_commands"]
    assert refused["release"]["code"] == "not_on_hold"
    assert not refused.keys() & set(site.get(f"/queries/orders/{order_id}").json["allowed_commands"])
    page = desk.get(f"/orders/{order_id}").text
    assert "Release from hold" in page
    assert refused["release"]["detail"] in unescape(page)
