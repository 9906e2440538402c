//! The rows of the ledger in words: what happened to whom, what it means, and what can be done about it.

use crate::domain::delivery::DeliveryState;
use crate::feedback::{diagnose_reply, report};
use crate::mail::relay_kind;
use crate::store::ledger::{Notable, Remark};

/// One row, and below it what it means.
pub fn row(notable: &Notable, number: u32) -> String {
    let Notable { recipient, remark, is_last, .. } = notable;
    let who = recipient.as_deref().unwrap_or("somebody who was erased");
    let code = remark.code.map_or(String::new(), |code| format!(" {code}"));
    let enhanced = remark.enhanced.as_ref().map_or(String::new(), |enhanced| format!(" {enhanced}"));
    let reply = remark.reply.as_deref().unwrap_or_default();
    let next = match (is_last, remark.retry_at) {
        (false, _) => "; settled by a later attempt".to_owned(),
        (true, Some(at)) => format!("; next try {}", at.format("%H:%M UTC")),
        (true, None) => String::new(),
    };
    let (state, at) = (remark.state.as_str().replace('_', " "), remark.at.format("%Y-%m-%d %H:%M"));
    let meaning = meaning(remark, *is_last, number).map_or(String::new(), |meaning| format!("\n    ({meaning})"));
    format!("  {who}: {state} at attempt {} ({at}){code}{enhanced} {reply}{next}{meaning}\n", remark.attempt)
}

/// What a row means, and what can be done about it; none where it says so itself, or is settled.
pub fn meaning(remark: &Remark, is_last: bool, number: u32) -> Option<String> {
    let reply = remark.reply.as_deref().unwrap_or_default();
    let known = relay_kind::in_words(reply).map(str::to_owned);
    match remark.state {
        _ if !is_last => None,
        DeliveryState::Refused => {
            let (cause, class) = diagnose_reply(remark.code, remark.enhanced.as_deref(), reply);
            let said = known.unwrap_or_else(|| cause.in_words().to_owned());
            Some(if cause.is_ours() {
                format!("{said}; once that is mended, `issues resend {number} --refused` sends it again")
            } else {
                report::in_words(cause, class)
            })
        }
        DeliveryState::Deferred => known.or_else(|| {
            let (cause, _) = diagnose_reply(remark.code, remark.enhanced.as_deref(), reply);
            Some(format!("{}; it is tried again by itself until the issue's time is over", cause.in_words()))
        }),
        DeliveryState::InDoubt => Some(
            "nobody can know whether it arrived; it is tried again under the same Message-ID, by which a mailbox can tell"
                .to_owned(),
        ),
        DeliveryState::Parked => Some(format!(
            "it may have arrived, and is not tried again by itself; look into the relay's log, then `issues resend {number} --parked`"
        )),
        DeliveryState::Expired => Some(format!("`issues resend {number} --expired` tries once more")),
        DeliveryState::Accepted | DeliveryState::Skipped | DeliveryState::Returned => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{DateTime, TimeDelta};

    fn said(state: DeliveryState, code: u16, enhanced: &str, reply: &str) -> String {
        let at = DateTime::UNIX_EPOCH;
        let remark = Remark {
            attempt: 1,
            state,
            at,
            retry_at: (state == DeliveryState::Deferred).then(|| at + TimeDelta::minutes(5)),
            code: Some(code),
            enhanced: Some(enhanced.to_owned()),
            reply: Some(reply.to_owned()),
        };
        row(&Notable { recipient: Some("j…@example.org".into()), subscriber: 1, is_last: true, remark }, 7)
    }

    #[test]
    fn each_row_says_what_it_means_and_what_can_be_done() {
        for (row, meaning) in [
            (
                said(DeliveryState::Refused, 550, "5.1.1", "no such user"),
                "(there is no such mailbox; the address gets nothing any more)",
            ),
            (
                said(DeliveryState::Refused, 550, "5.7.1", "blocked because of the reputation of your network"),
                "(our address or domain is blocked there; once that is mended, `issues resend 7 --refused` sends it again)",
            ),
            (said(DeliveryState::Deferred, 452, "4.2.2", "mailbox full"), "(the mailbox is full; it is tried again"),
            (said(DeliveryState::Parked, 250, "2.0.0", "?"), "`issues resend 7 --parked`"),
            (said(DeliveryState::Expired, 250, "2.0.0", "?"), "`issues resend 7 --expired`"),
            (said(DeliveryState::InDoubt, 250, "2.0.0", "?"), "same Message-ID"),
        ] {
            assert!(row.contains(meaning), "{row}");
        }
        assert!(said(DeliveryState::Deferred, 451, "4.7.1", "greylisted").contains("next try 00:05 UTC"));
    }
}
