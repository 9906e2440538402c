//! What came back, for editors: by provider and reason, in sentences that say whose turn it is. Counts nothing itself.

use super::watch::share;
use crate::domain::count::counted;
use crate::domain::delivery::provider;
use crate::domain::refusal::{Cause, Class};
use crate::store::returned::{IssueReturns, ReturnCount};
use serde::Serialize;

/// One line of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// What people call the provider.
    pub provider: &'static str,
    /// `bounce`, `delay`, `complaint`, `unsubscribe`.
    pub kind: String,
    /// The word of the cause.
    pub cause: Option<String>,
    /// `hard`, `soft` or `none`.
    pub class: Option<String>,
    /// How many readers.
    pub readers: u64,
    /// The sentence.
    pub sentence: String,
}

/// The lines of a report, the most frequent first.
pub fn lines(counts: &[ReturnCount]) -> Vec<Line> {
    counts.iter().map(line).collect()
}

/// One issue in a row of them, so that it shows whether things get better or worse.
pub fn line_of(issue: &IssueReturns) -> String {
    let IssueReturns { newsletter, number, sent_at, damage, soft, ours } = issue;
    let name = number.map_or_else(String::new, |number| format!(" No. {number}"));
    format!(
        "{}  {newsletter}{name}: {} tried; {} dead addresses ({}), {} complaints ({}), {soft} full or failing, {ours} refused for our sake",
        sent_at.format("%Y-%m-%d"),
        damage.tried,
        damage.hard,
        share(damage.hard, damage.tried),
        damage.complaints,
        share(damage.complaints, damage.accepted),
    )
}

fn line(count: &ReturnCount) -> Line {
    let provider = provider(count.lane);
    let cause = count.cause.as_deref().and_then(Cause::parse).unwrap_or_default();
    let what = match count.kind.as_str() {
        "complaint" => "reported it as unwanted; they get nothing any more".to_owned(),
        "unsubscribe" => "left by mail".to_owned(),
        "delay" => format!("late: {}", cause.in_words()),
        _ => sentence(cause, count.class.as_deref()),
    };
    Line {
        provider,
        kind: count.kind.clone(),
        cause: count.cause.clone(),
        class: count.class.clone(),
        readers: count.n,
        sentence: format!("{} at {provider}: {what}", counted(count.n, "reader")),
    }
}

/// A refusal, what happens next, and who has to do something.
pub fn in_words(cause: Cause, class: Class) -> String {
    sentence(cause, Some(class.as_str()))
}

fn sentence(cause: Cause, class: Option<&str>) -> String {
    format!("{}; {}", cause.in_words(), consequence(cause, class))
}

/// What happens next, and who has to do something.
fn consequence(cause: Cause, class: Option<&str>) -> &'static str {
    match (cause, class) {
        (_, Some("hard")) => "the address gets nothing any more",
        (Cause::Reputation, _) => {
            "they keep their subscription; ask the provider to lift the block, then `issues resend --refused`"
        }
        (Cause::Authentication, _) => "they keep their subscription; look at SPF, DKIM and DMARC with `check`",
        (Cause::Spam | Cause::Content | Cause::Policy, _) => {
            "they keep their subscription; look at subject, links and pictures"
        }
        (Cause::TooFast, _) => "they keep their subscription; send more slowly",
        (Cause::TooLarge, _) => "they keep their subscription; the issue is too large",
        (Cause::Sender | Cause::Relaying, _) => "they keep their subscription; the mail server's settings are wrong",
        (Cause::Restricted, _) => "they keep their subscription",
        _ => "it counts against the address until mail arrives again",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_editor_reads_who_refuses_and_what_to_do() {
        let count = |kind: &str, lane, cause: &str, class: &str, n| ReturnCount {
            kind: kind.into(),
            lane,
            cause: Some(cause.into()),
            class: Some(class.into()),
            n,
        };
        let lines = lines(&[count("bounce", 2, "reputation", "soft", 40), count("bounce", 0, "no_mailbox", "hard", 1)]);
        assert_eq!(
            lines[0].sentence,
            "40 readers at Outlook: our address or domain is blocked there; they keep their subscription; ask the provider to lift the block, then `issues resend --refused`"
        );
        assert_eq!(
            lines[1].sentence,
            "1 reader at other providers: there is no such mailbox; the address gets nothing any more"
        );
    }
}
