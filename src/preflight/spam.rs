//! What a spam filter on this machine says of an issue, where there is one: `SpamAssassin` or rspamd. Asked once an issue, not once a rendering: the
//! filters look at words and headers that all renderings share.

use super::own::is_trial;
use super::{AppError, of_everything};
use crate::app::App;
use crate::domain::issue::Issue;
use crate::domain::newsletter::Newsletter;
use crate::domain::preflight::{Gathering, Level};
use crate::rehearsal::{Press, nobody};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;

/// The filters, the quickest first, with what they are told: read standard input, ask nobody else.
const FILTERS: [(&str, &[&str]); 3] =
    [("rspamc", &["symbols"]), ("spamc", &["-R"]), ("spamassassin", &["--local", "--test-mode"])];
/// How long one may take.
const PATIENCE: Duration = Duration::from_mins(1);
/// How long a score counts.
const COUNTS: TimeDelta = TimeDelta::hours(24);

/// A score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Spam {
    at: DateTime<Utc>,
    number: u32,
    filter: String,
    score: f64,
    limit: f64,
}

fn fact(newsletter: &Newsletter) -> String {
    format!("preflight spam {}", newsletter.slug)
}

fn known(app: &App, newsletter: &Newsletter) -> Result<Option<Spam>, AppError> {
    let known = app.store.fact(&fact(newsletter))?.and_then(|value| serde_json::from_str::<Spam>(&value).ok());
    Ok(known.filter(|spam| app.now() - spam.at < COUNTS))
}

/// Asks the first filter that there is, unless it was asked for this issue already.
pub(super) async fn ask(app: &App, newsletter: &Newsletter, issue: &Issue) -> Result<(), AppError> {
    if is_trial(&newsletter.brand.web_base) || known(app, newsletter)?.is_some_and(|spam| spam.number == issue.number) {
        return Ok(());
    }
    let installed = FILTERS.iter().find_map(|(name, arguments)| Some((*name, in_path(name)?, *arguments)));
    let Some((filter, program, arguments)) = installed else { return Ok(()) };
    let press = Press::new(app, issue, app.newsletter_id(newsletter)?, app.now())?;
    let message = press.message(app, &of_everything(issue), &nobody())?;
    match judgement(&program, arguments, &message).await {
        Ok(Some((score, limit))) => {
            let spam = Spam { at: app.now(), number: issue.number, filter: filter.to_owned(), score, limit };
            let value = serde_json::to_string(&spam).map_err(|error| AppError::NoIssue(error.to_string()))?;
            app.store.set_fact(&fact(newsletter), &value)?;
        }
        Ok(None) => tracing::warn!(filter, "the spam filter gave no score; is its service running?"),
        Err(error) => tracing::warn!(filter, "the spam filter could not be asked: {error}"),
    }
    Ok(())
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

async fn judgement(program: &PathBuf, arguments: &[&str], message: &[u8]) -> std::io::Result<Option<(f64, f64)>> {
    let mut child = tokio::process::Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let stdin = child.stdin.take();
    // Written and read at the same time: a filter may answer before it has read all.
    let writing = async {
        if let Some(mut stdin) = stdin {
            let _ = stdin.write_all(message).await;
        }
    };
    let both = async { futures_util::future::join(writing, child.wait_with_output()).await.1 };
    let output = tokio::time::timeout(PATIENCE, both).await.map_err(|_| std::io::ErrorKind::TimedOut)??;
    Ok(score_in(&String::from_utf8_lossy(&output.stdout)))
}

/// Score and limit in what a filter printed.
fn score_in(said: &str) -> Option<(f64, f64)> {
    let fraction = |text: &str| {
        let (score, limit) = text.split_once('/')?;
        Some((score.trim().parse().ok()?, limit.trim().parse().ok()?))
    };
    let field = |line: &str, name: &str| {
        let (_, rest) = line.split_once(name)?;
        rest.split_whitespace().next()?.parse::<f64>().ok()
    };
    let found = said.lines().find_map(|line| {
        if let Some(rest) = line.strip_prefix("Score:") {
            return fraction(rest);
        }
        if line.starts_with("X-Spam-Status:") {
            return Some((field(line, "score=")?, field(line, "required=")?));
        }
        fraction(line)
    });
    // A client that does not reach its service prints a limit of nothing.
    found.filter(|(_, limit)| *limit > 0.0)
}

/// What the score means: from half of the filter's limit on it is worth a look.
pub(super) fn judge(app: &App, newsletter: &Newsletter, found: &mut Gathering) -> Result<(), AppError> {
    let Some(Spam { filter, score, limit, .. }) = known(app, newsletter)? else { return Ok(()) };
    let level = if score * 2.0 < limit { Level::Good } else { Level::Warned };
    found.whole("spam-score", level, format!("{score} by {filter}, which takes {limit} and more for spam"));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_score_is_read_as_each_filter_prints_it() {
        assert_eq!(score_in("1.2/5.0\nSpam detection software\n"), Some((1.2, 5.0)));
        assert_eq!(score_in("0/0\n"), None);
        let assassin =
            "Return-Path: <x@y>\nX-Spam-Status: No, score=-0.1 required=5.0 tests=HTML_MESSAGE\n\tautolearn=no\n";
        assert_eq!(score_in(assassin), Some((-0.1, 5.0)));
        let rspamd = "Results for file: stdin (0.04 seconds)\n[Metric: default]\nAction: no action\nSpam: false\nScore: 0.50 / 15.00\n";
        assert_eq!(score_in(rspamd), Some((0.5, 15.0)));
        assert_eq!(score_in("no such thing"), None);
    }

    #[tokio::test]
    async fn a_filter_is_asked_over_its_standard_input() {
        let folder = tempfile::tempdir().unwrap();
        let filter = folder.path().join("spamc");
        std::fs::write(&filter, "#!/bin/sh\ngrep -c Subject | sed 's,$,.5/5.0,'\n").unwrap();
        std::fs::set_permissions(&filter, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let score = judgement(&filter, &["-R"], b"Subject: x\r\n\r\nhello\r\n").await.unwrap();
        assert_eq!(score, Some((1.5, 5.0)));
    }
}
