"""Problems of shipments, tracking numbers, batches and dispatches."""

from web.problem_codes.row import Row, Rows, row

ROWS: Rows = {
    "nothing_to_ship": row(409, "Nothing is left to ship.", "Nothing: all of it is on a shipment or ended."),
    "virtual_only": row(409, "A line, or the whole order, is nothing that is shipped.", "Leave the line out."),
    "quantity_exceeds_unshipped": row(
        409, "More units are named than are left to ship.", "Name at most as many as the line has `to_ship`."
    ),
    "items_not_packed": row(
        422,
        "A unit is in no package or in several, or a package is empty.",
        "Pack every unit of `lines` exactly once, or leave `packages` out for one package of everything.",
    ),
    "duplicate_package": row(422, "Two packages have the same `package_id`.", "Give each an id of its own."),
    "package_overweight": row(422, "A package weighs more than it may.", "Split it, or take a larger packaging."),
    "weight_required": row(
        422, "A package's weight is missing, or less than its goods and the empty box.", "Send `weight_grams`."
    ),
    "unknown_packaging": row(422, "The packaging is not configured.", "Send one of those that `detail` lists."),
    "unknown_carrier": row(422, "The carrier is not configured.", "Send one of those that `detail` lists."),
    "unknown_location": row(422, "The location is not configured.", "Send one of those that `detail` lists."),
    "shipment_canceled": row(409, "The shipment is canceled. Book a new one.", "Book a new one."),
    "already_dispatched": row(
        409,
        "A carrier has packages of the shipment, or had them and everything came back.",
        "Record what comes back with `return`.",
    ),
    "carrier_not_connected": row(
        409,
        "There is no account with the carrier, so that it cannot be asked for anything.",
        "Connect one ([how](../how-to/connect-a-carrier.md)), or label the packages elsewhere and add their numbers.",
    ),
    "carrier_manifest_not_made": row(
        409,
        "The carrier has made no manifest of its own, or not yet.",
        "Look at `carrier_manifest` of the dispatch; ours is `manifest.pdf`.",
    ),
    "label_not_bought": row(
        409,
        "The carrier has made no label of a package, or not yet.",
        "Look at `labels` of the package; after a refusal put right what `detail` says and `request-label`.",
    ),
    "label_is_zpl": row(
        409,
        "The carrier's label is for label printers (ZPL), and cannot be shown as a PDF.",
        "Take `label.zpl`, of a batch `labels.zpl`, or have PDFs made: `label_format` of the carrier's account.",
    ),
    "label_not_zpl": row(
        409,
        "The label is a PDF or a picture, and not for label printers alone.",
        'Take `label.pdf`, or have ZPL made from now on: `label_format = "zpl"` of the carrier\'s account.',
    ),
    "label_not_needed": row(
        409,
        "Every package has a label, has been asked one for, or has a number and so a label from elsewhere.",
        "Nothing: look at `label` of the shipment.",
    ),
    "no_label_to_void": row(
        409,
        "The package has no label of the carrier that could be taken back.",
        "Nothing: look at `labels` of the package.",
    ),
    "quantity_exceeds_shipped": row(
        409,
        "More units are named than are out on the shipment.",
        "Name at most those that left and did not come back; cancel a shipment that has not left.",
    ),
    "package_required": row(422, "The shipment has several packages.", "Name one of them in `package_id`."),
    "package_not_in_shipment": row(422, "The shipment has no such package.", "Send one that `detail` lists."),
    "tracking_number_required": row(
        422, "The tracking number is empty without its spaces and hyphens.", "Send the carrier's number."
    ),
    "tracking_number_in_use": row(
        409, "Another package of the shipment has this number.", "Correct or retract the other one first."
    ),
    "unknown_tracking": row(
        404, "The shipment, or any, has no such tracking number.", "Check carrier and number; add it first."
    ),
    "ambiguous_tracking": row(
        409, "The number belongs to several shipments.", "Report the scan to one of the `candidates`."
    ),
    "invalid_gs1_prefix": row(
        422, "The configured GS1 company prefix is not 4 to 12 digits.", "Correct it in the merchant's configuration."
    ),
    "sscc_exhausted": row(
        409, "The company prefix has no serial number left for the package.", "Configure a prefix with more room."
    ),
    "duplicate_order": row(422, "An order stands in the batch twice.", "Name every order once."),
    "too_many_orders": row(422, "The batch would have too many orders.", "Make another batch for the rest."),
    "order_in_other_batch": row(
        409, "The order is in another open batch.", "Take it out there, or process or cancel that batch."
    ),
    "item_not_in_batch": row(422, "The order is not in the batch.", "Name an order of the batch."),
    "batch_not_open": row(
        409,
        "The batch is processed or canceled, or has nothing to try.",
        "Make a new batch; of a processed one only failed entries can be changed and tried again.",
    ),
    "nothing_to_print": row(
        409, "None of what was chosen has such a document that is printed here.", "Choose others, or another document."
    ),
    "nothing_booked": row(409, "The batch has booked nothing that could be printed.", "Process it first."),
    "ready_at_too_soon": row(422, "The carrier needs 30 minutes of notice.", "Send a later `ready_at`."),
    "too_many_shipments": row(422, "The dispatch would have too many shipments.", "Schedule another for the rest."),
    "shipment_not_ready": row(
        409, "A shipment is not waiting to be picked up, or none is.", "Name only shipments of the ready list."
    ),
    "mixed_carrier": row(409, "A shipment goes with another carrier.", "Schedule a dispatch for each carrier."),
    "mixed_location": row(409, "A shipment is at another location.", "Schedule a dispatch for each location."),
    "already_on_dispatch": row(409, "A shipment is on another dispatch.", "Cancel that dispatch, or leave it out."),
    "dispatch_not_open": row(409, "The dispatch is closed or canceled.", "Schedule a new one."),
    "manifest_not_issued": row(409, "The dispatch is not closed, so it has no manifest.", "Close it first."),
    "unprintable_characters": row(
        409,
        "No font has a character that the document needs.",
        "Correct the text, or give the operator the characters.",
    ),
    "order_unreadable": Row(
        (409, 500),
        "An event of the order cannot be read; 409 where a document or a dispatch needs that order.",
        "Asking again is no use: the operator has to repair it, `detail` says where.",
    ),
}
