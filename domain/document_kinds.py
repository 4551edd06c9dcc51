"""The kinds of documents, each described once: how its stream, its collection and its printed forms are called.

Commands, read models and documents on paper take the names of a kind from here, so that a new kind is told in one
place. It must never know how a kind is decided, listed or printed.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """One kind of document.

    ``name`` is that of its aggregate and of its streams, ``collection`` the segment of paths. ``forms`` are what can be
    printed of one (FORM.pdf), ``e_invoices`` which of them is also data (FORM.xml), and ``for_label_printers`` which is
    also there as such printers read it (FORM.zpl). Where it ``spans`` orders it is a partition of its own, else it lies
    in its order's. ``readable`` says whether it has a query of its own.
    """

    name: str
    collection: str
    forms: tuple[str, ...] = ()
    e_invoices: tuple[str, ...] = ()
    for_label_printers: tuple[str, ...] = ()
    spans: bool = False
    readable: bool = True

    @property
    def title(self) -> str:
        """The name as people write it."""
        return self.name.replace("_", " ")

    @property
    def plural(self) -> str:
        """The name of several."""
        return self.collection.replace("-", " ")

    @property
    def id_name(self) -> str:
        """The field and the path parameter of its id."""
        return f"{self.name}_id"

    @property
    def number_name(self) -> str:
        """The field of its number."""
        return f"{self.name}_number"


ORDER = DocumentKind("order", "orders")
INVOICE = DocumentKind("invoice", "invoices", ("invoice", "cancellation"), ("invoice", "cancellation"))
CREDIT_MEMO = DocumentKind("credit_memo", "credit-memos", ("credit-memo",), ("credit-memo",))
SHIPMENT = DocumentKind("shipment", "shipments", ("packing-slip", "label"), for_label_printers=("label",))
BATCH = DocumentKind("batch", "batches", ("packing-slips", "labels"), for_label_printers=("labels",), spans=True)
DISPATCH = DocumentKind("dispatch", "dispatches", ("manifest", "carrier-manifest"), spans=True)
NOTIFICATION = DocumentKind("notification", "notifications", readable=False)
APPROVAL = DocumentKind("approval", "approvals", readable=False)
CUSTOMER = DocumentKind("customer", "customers", spans=True, readable=False)

DOCUMENT_KINDS: tuple[DocumentKind, ...] = (
    ORDER,
    INVOICE,
    CREDIT_MEMO,
    SHIPMENT,
    BATCH,
    DISPATCH,
    NOTIFICATION,
    APPROVAL,
    CUSTOMER,
)
KIND_OF_COLLECTION = {kind.collection: kind for kind in DOCUMENT_KINDS}
READABLE = tuple(kind for kind in DOCUMENT_KINDS if kind.readable)
FORMS: tuple[tuple[DocumentKind, str], ...] = tuple((kind, form) for kind in READABLE for form in kind.forms)
"""Everything that can be printed, with what it is printed of."""
E_INVOICES: tuple[tuple[DocumentKind, str], ...] = tuple((kind, form) for kind in READABLE for form in kind.e_invoices)
KIND_OF_FORM = {form: kind for kind, form in FORMS}
