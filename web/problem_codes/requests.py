"""Problems of the request itself: what cannot be read, is not allowed, or names what does not exist."""

from web.problem_codes.row import Row, Rows, row

ROWS: Rows = {
    "malformed_request": row(
        400,
        "The request cannot be read as HTTP.",
        "Send a well-formed request; most often a client library is to blame.",
    ),
    "malformed_json": row(
        400, "The body is not JSON.", "Send one JSON object in UTF-8; `detail` says where it breaks."
    ),
    "incomplete_body": row(400, "The body ended before its announced length.", "Send it again, whole."),
    "invalid_body": row(
        400,
        "The body has not the shape that the command needs: a field is missing, unknown or of another type.",
        "Correct the fields listed in `errors`. Unknown fields are never ignored.",
    ),
    "invalid_value": row(
        422,
        "The body has the right shape and a value that can never be right.",
        "Correct the fields listed in `errors`.",
    ),
    "invalid_header": row(400, "A header cannot be read.", "Correct the header named in `errors`, or leave it out."),
    "invalid_parameter": Row(
        (400, 422), "A query parameter cannot be read, or has a value out of its range.", "Correct it as `errors` says."
    ),
    "unknown_parameter": row(
        400, "The path does not take this query parameter.", "Remove it; `/docs` lists the parameters of every path."
    ),
    "missing_parameter": row(400, "A query parameter that the path needs is missing.", "Add it; `detail` names it."),
    "form_too_old": row(403, "A form on a page is of another sign-in.", "Load the page again and repeat it."),
    "foreign_form": row(403, "Another site sent a form to a page.", "Nothing was done; use the page itself."),
    "reason_required": row(
        422, "This command asks for a reason.", "Add `reason` to the body: it is recorded with what happens."
    ),
    "occurred_at_in_future": row(
        422, "`occurred_at` lies ahead of the server's clock.", "Send the time at which it happened, or leave it out."
    ),
    "invalid_signature": row(
        400, "A report is not signed as its provider signs.", "Check the signing secret on both sides."
    ),
    "unauthenticated": row(
        401,
        "No key was sent, or one that is unknown, revoked or expired; or a token that is not believed.",
        "Send `Authorization: Bearer` with a valid key, or a token that the provider gave for this API; see `detail`.",
    ),
    "no_role": row(
        403,
        "The OpenID provider vouches for who asks, and gives them no role here.",
        "Have the role set at the provider, in the claim that `detail` names; `OIDC_ROLES` says what its values mean.",
    ),
    "forbidden": row(
        403, "The key's role has no right to this.", "Use a key whose role has the right that `detail` names."
    ),
    "too_many_rows": row(
        422, "A worksheet cannot hold all rows of the list.", "Ask for `.csv`, or narrow the list down by filters."
    ),
    "export_busy": row(503, "Too many exports run at the moment.", "Ask again after `Retry-After` seconds."),
    "too_many_views": row(409, "A person keeps only so many views.", "Delete a view that nobody needs any more."),
    "duplicate_view": row(409, "There is a view of that id already.", "Leave `view_id` out, or choose another."),
    "too_many_webhooks": row(409, "There are as many webhooks as can be.", "Delete one that nobody needs any more."),
    "webhook_test_busy": row(503, "Too many webhooks are tested at once.", "Ask again after `Retry-After` seconds."),
    "webhook_url_refused": row(
        422,
        "Nothing may be sent to this URL: it is not https, or leads to an address that is not public.",
        "Take a public https URL, or have the operator name the network in `DAYBOOK_WEBHOOK_ALLOW`.",
    ),
    "malformed_line": row(
        400,
        "A line of a bulk request is no JSON object of `command`, `key` and `body`.",
        "Correct that line and send it again; the other lines were done.",
    ),
    "bulk_too_long": row(
        413, "A bulk request has more lines or bytes than it may.", "Send the rest, from that line on, in another one."
    ),
    "bulk_busy": row(503, "As many bulk requests run as can.", "Send it again after `Retry-After` seconds."),
    "bulk_stopped": row(
        408, "The lines of a bulk request stopped coming.", "Send it again: what was done is only answered again."
    ),
    "not_found": row(404, "Nothing of that id, or at that path, exists.", "Check the id and the path."),
    "method_not_allowed": row(
        405, "The path exists and does not take this method.", "Commands are `POST`, queries are `GET`; see `Allow`."
    ),
    "body_too_slow": row(408, "The body arrived too slowly.", "Send it again over a faster connection."),
    "body_too_large": row(413, "The body is larger than the limit.", "Split the request; `detail` says the limit."),
    "unsupported_media_type": row(
        415, "The body is not `application/json` in UTF-8, or is compressed.", "Send plain JSON with that content type."
    ),
    "rate_limited": row(
        429,
        "The key has sent more requests than it may in this time.",
        "Wait as many seconds as `Retry-After` says; `RateLimit` tells in every answer how many are left.",
    ),
    "version_mismatch": row(
        412,
        "`If-Match` names a version that is not the current one: somebody else changed it.",
        "Read it again, decide anew, and send the version that you saw.",
    ),
    "idempotency_key_reused": row(
        422,
        "The `Idempotency-Key` was used before for another request.",
        "Take a new key for every new request; keep a key only to repeat the very same one.",
    ),
    "id_in_use": row(409, "The id chosen in the body is taken.", "Choose another id, or let Daybook make one."),
    "concurrent_change": row(
        409, "Others kept changing the same thing while the command was decided.", "Send it again, a little later."
    ),
    "position_unknown": row(
        409,
        "`min_position` is higher than any position in the log.",
        "Send the position that a command was answered with.",
    ),
}
