"""Problems of commands that need a second person."""

from web.problem_codes.row import Rows, row

ROWS: Rows = {
    "approval_required": row(
        409,
        "The command needs a second person, and cannot wait for one: it brings in history.",
        "Send it as a command of today, or bring the history in before the rule is switched on. A command that can "
        "wait is no problem: it is answered 202 with this code and the `approval_id` of its request.",
    ),
    "approval_pending": row(
        409,
        "The very same waits for a second person already, as `approval_id`.",
        "Have that one decided, or withdraw it.",
    ),
    "too_many_approvals": row(
        409,
        "As many requests as may wait for one order or customer at once do so already.",
        "Have some of them decided, or withdraw them.",
    ),
    "approval_not_open": row(
        409,
        "The request was decided, withdrawn, or has expired: `approval_status` says which.",
        "Look at what became of it; send the command anew if it is still wanted.",
    ),
    "approval_erased": row(
        409,
        "What was asked for was erased together with its customer, so nobody can see or do it any more.",
        "Reject the request, and send the command anew if it is still wanted.",
    ),
    "approval_outdated": row(
        409,
        "What it is about has changed since it was asked for, and whoever approves did not say to have seen that.",
        "Look at the order as it is now, and approve with `If-Match` and its `version`; or reject. Where it changed "
        "between approving and doing, nothing was done: send the command anew.",
    ),
    "approval_unreadable": row(
        409,
        "What was asked for cannot be read any more: the command takes other things since an upgrade.",
        "Nothing was done. Send the command anew.",
    ),
    "exceeds_approved": row(
        409,
        "What was approved is worth more by now than it was when it was approved.",
        "Nothing was done. Send the command anew, and have it approved as it is now.",
    ),
    "own_approval": row(
        403,
        "Who asked for something cannot approve it, by whichever key.",
        "Have another person approve it.",
    ),
    "not_own_approval": row(
        403,
        "Only who asked for something can withdraw it.",
        "Whoever may approve it can reject it instead.",
    ),
}
