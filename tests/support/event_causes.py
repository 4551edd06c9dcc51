"""Who causes which event: commands by their path, or in words what else records it.

Written by hand for the reference; tests hold it against what random orders are seen to do.
"""

GATEWAY = "the payment gateway's answer"
MAILING = "the mailing process"
BATCHES = "the batch process"
CARRIER = ("shipments/tracking-events", "tracking-events")
# The commands after which money may settle, or an automatic invoice be due.
SETTLING = (
    "orders",
    "orders/reorder",
    "orders/amend",
    "orders/release",
    "orders/cancel",
    "orders/capture-payment",
    "orders/accept-payment",
    GATEWAY,
)
ISSUING = ("orders/invoices", *SETTLING)
COLLECTING = (*ISSUING, "invoices/capture", "invoices/cancel", "invoices/correct", "invoices/refund")
MONEY_BACK = ("orders/refund-payment", GATEWAY)

CAUSES: dict[str, tuple[str, ...]] = {
    "OrderPlaced": ("orders", "orders/reorder"),
    "OrderAmended": ("orders/amend",),
    "AddressChanged": ("orders/change-address",),
    "OrderCommented": ("orders/comment",),
    "OrderTagged": (),  # nobody yet
    "OrderHeld": ("orders/hold",),
    "OrderReleased": ("orders/release",),
    "OrderCanceled": ("orders/cancel", "orders/expire", "orders/deny-payment"),
    "ItemsInvoiced": ISSUING,
    "InvoiceWithdrawn": ("invoices/cancel", "invoices/correct", "orders/deny-payment", GATEWAY),
    "InvoiceSettled": (*COLLECTING, "orders/deny-payment", "orders/refund-payment"),
    "InvoiceReopened": MONEY_BACK,
    "ItemsRefunded": ("invoices/refund", "orders/deny-payment"),
    "ItemsAllocated": ("orders/shipments", BATCHES),
    "AllocationCanceled": ("shipments/cancel", "orders/deny-payment"),
    "ItemsReturned": ("shipments/return", "orders/cancel"),
    "PaymentAuthorized": ("orders/authorize-payment",),
    "PaymentCaptured": ("orders/capture-payment", "orders/invoices", "invoices/capture", GATEWAY),
    "LatePaymentReceived": ("orders/capture-payment",),
    "PaymentFailed": ("orders/fail-payment", GATEWAY),
    "PaymentVoided": (*COLLECTING, "orders/void-payment", "orders/deny-payment"),
    "PaymentFlagged": ("orders/flag-payment", "orders/capture-payment", GATEWAY),
    "PaymentReviewAccepted": ("orders/accept-payment",),
    "PaymentReviewDenied": ("orders/deny-payment",),
    "PaymentRefunded": ("orders/refund-payment", "invoices/refund", GATEWAY),
    "PaymentCaptureRequested": ("orders/invoices", "invoices/capture"),
    "PaymentRefundRequested": ("orders/refund-payment", "invoices/refund"),
    "PaymentVoidRequested": ("invoices/void",),
    "PaymentRequestSettled": (GATEWAY,),
    "CaptureVoided": (GATEWAY,),
    "InvoiceIssued": ISSUING,
    "InvoicePaid": (*COLLECTING, "orders/deny-payment", "orders/refund-payment"),
    "InvoicePartlyPaid": (*COLLECTING, "orders/deny-payment", "orders/refund-payment"),
    "InvoiceDueAgain": MONEY_BACK,
    "InvoiceRefunded": ("invoices/refund", "orders/deny-payment"),
    "InvoiceVoided": (GATEWAY,),
    "InvoiceCorrected": ("invoices/correct",),
    "InvoiceCanceled": ("invoices/cancel", "orders/deny-payment"),
    "CreditMemoIssued": ("invoices/refund", "invoices/correct", "orders/deny-payment"),
    "ShipmentBooked": ("orders/shipments", BATCHES),
    "TrackingAssigned": ("orders/shipments", "shipments/add-tracking", BATCHES),
    "TrackingCorrected": ("shipments/correct-tracking",),
    "TrackingRetracted": ("shipments/retract-tracking",),
    "TrackingRecorded": CARRIER,
    "ShipmentDispatched": ("dispatches/close",),
    "ShipmentCanceled": ("shipments/cancel", "orders/deny-payment"),
    "UnitsReturned": ("shipments/return", "orders/cancel"),
    "BatchCreated": ("batches",),
    "BatchEntrySet": ("batches/entries",),
    "BatchEntryRemoved": ("batches/entries",),
    "BatchStarted": ("batches/process",),
    "BatchEntryBooked": (BATCHES,),
    "BatchEntryFailed": (BATCHES,),
    "BatchProcessed": (BATCHES,),
    "BatchCanceled": ("batches/cancel",),
    "DispatchScheduled": ("dispatches",),
    "ManifestIssued": ("dispatches/close",),
    "DispatchCanceled": ("dispatches/cancel",),
    "DocumentPrinted": ("printing a document (`/queries/.../FORM.pdf`)",),
    "DocumentCopyRequested": ("invoices/send-copy",),
    "NotificationRequested": (MAILING,),
    "NotificationAttempted": (MAILING,),
    "NotificationSent": (MAILING,),
    "NotificationFailed": (MAILING,),
    "NotificationOutcomeUnknown": (MAILING,),
    "NotificationResendRequested": ("notifications/resend",),
    "KeyCreated": ("`daybook keys create`",),
    "KeyRotated": ("`daybook keys rotate`",),
    "KeyRevoked": ("`daybook keys revoke`",),
    "PeriodClosed": ("`daybook periods close`",),
}
