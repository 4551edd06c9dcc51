"""Problems of the service: what is away, behind, full or broken, and what goes on with mails and prints."""

from web.problem_codes.row import Rows, row

ROWS: Rows = {
    "internal_error": row(
        500, "Something failed on our side.", "Tell the operator the `error_id`: the log has the rest under it."
    ),
    "unavailable": row(503, "The database does not answer.", "Ask again after `Retry-After` seconds."),
    "identity_provider_unavailable": row(
        503,
        "The OpenID provider does not answer, and its keys are not known or too old; nothing was done.",
        "Ask again after `Retry-After` seconds; API keys work meanwhile.",
    ),
    "log_unavailable": row(
        503, "The log cannot be reached; nothing was recorded.", "Ask again with the same `Idempotency-Key`."
    ),
    "outcome_unknown": row(
        503,
        "The connection was lost while recording: whether it was recorded is not known.",
        "Ask again with the same `Idempotency-Key`: it is recorded once at most.",
    ),
    "storage_low": row(
        503, "The database's disk is nearly full; nothing was recorded.", "The operator has to make room."
    ),
    "carrier_unavailable": row(
        503, "The carrier does not answer; nothing was done.", "Ask again after `Retry-After` seconds."
    ),
    "carrier_busy": row(
        503, "Too many ask carriers for their rates at once.", "Ask again after `Retry-After` seconds."
    ),
    "overloaded": row(503, "Too many requests at once.", "Ask again after `Retry-After` seconds."),
    "not_ready": row(503, "The service is not ready; `detail` says what is missing.", "Wait, or tell the operator."),
    "projection_behind": row(
        503, "The read model has not reached `min_position` in time.", "Ask again after `Retry-After` seconds."
    ),
    "too_many_waiting": row(
        503, "Too many requests wait for a position at once.", "Ask again after `Retry-After` seconds."
    ),
    "order_parked": row(
        503, "The read model could not take in the order at `min_position`.", "The operator has to repair it."
    ),
    "not_sealed_yet": row(
        503,
        "The events asked for are not sealed yet.",
        "Ask again after `Retry-After` seconds; else see the sealer's log.",
    ),
    "unknown_checkpoint": row(
        404, "There is no checkpoint over so many events.", "`GET /audit/seals` lists those there are."
    ),
    "search_behind": row(
        503,
        "The log cannot be searched to its end yet: what it is found by is still being made.",
        "Ask again after `Retry-After` seconds; `position` says how far it is.",
    ),
    "diff_too_long": row(
        422, "There are too many events between `from` and `to`.", "Compare shorter stretches, one after another."
    ),
    "entry_too_long": row(
        404, "An event is longer than the format of tiles can hold.", "Ask for its proof, which has it whole."
    ),
    "printing_busy": row(503, "Too many documents are printed at once.", "Ask again after `Retry-After` seconds."),
    "notification_under_way": row(
        409, "The mail server was asked just now.", "Wait for its answer before sending it again."
    ),
    "notification_not_due": row(409, "The notification is not in a state to be sent.", "Look at it again."),
}
