//! What concerns an issue as a whole: its stories, its readers, the issue before it, where its links lead. Reads facts; gathers none.

use crate::app::{App, AppError};
use crate::collect::identity;
use crate::domain::count::counted;
use crate::domain::issue::{Issue, IssueState, Story};
use crate::domain::newsletter::Newsletter;
use crate::domain::preflight::{Gathering, Level};
use crate::store::issues::Variant;
use crate::store::links::Verdict;

/// Things of one kind that are named; the rest is counted.
const NAMED: usize = 3;
/// Issues that are looked through for the one before.
const EARLIER: usize = 10;

/// Stories, sources, and the issue before.
pub(super) fn look(
    app: &App,
    newsletter: &Newsletter,
    issue: &Issue,
    variants: &[Variant],
    found: &mut Gathering,
) -> Result<(), AppError> {
    pictures(app, issue, found)?;
    summaries(issue, found);
    vanished(app, issue, found)?;
    sources(app, found)?;
    before(app, newsletter, issue, variants, found)
}

fn pictures(app: &App, issue: &Issue, found: &mut Gathering) -> Result<(), AppError> {
    let shown = || issue.stories.iter().filter(|story| story.picture.is_some());
    let silent = shown().filter(|story| story.picture.as_ref().is_some_and(|picture| picture.alt.is_empty())).count();
    match silent {
        0 => found.whole("alt-from-title", Level::Good, ""),
        n => found.whole(
            "alt-from-title",
            Level::Repaired,
            format!("{n} of {} pictures; the headline is read out in its place", shown().count()),
        ),
    }
    let bare: Vec<i64> =
        issue.stories.iter().filter(|story| story.picture.is_none()).map(|story| story.article.0).collect();
    let missing = app.store.missing_pictures(&bare)?;
    if !missing.is_empty() {
        let why: Vec<String> = missing.iter().map(|(article, why)| format!("article {article}: {why}")).collect();
        found.whole(
            "pictures-dropped",
            Level::Repaired,
            format!("missing from {}: {}", counted(why.len(), "story"), named(&why)),
        );
    }
    Ok(())
}

fn summaries(issue: &Issue, found: &mut Gathering) {
    let bare: Vec<String> = issue
        .stories
        .iter()
        .filter(|story| story.summary.is_empty())
        .map(|story| format!("{:?}", story.title.as_str()))
        .collect();
    let all = issue.stories.len();
    match bare.len() {
        0 => found.whole("summaries", Level::Good, ""),
        n => found.whole("summaries", Level::Warned, format!("{n} of {all}: {}", named(&bare))),
    }
    let made = issue.stories.iter().filter(|story| story.summary_from_lead);
    let made: Vec<String> = made.map(|story| format!("{:?}", story.title.as_str())).collect();
    match made.len() {
        0 => found.whole("summary-from-lead", Level::Good, ""),
        n => found.whole("summary-from-lead", Level::Repaired, format!("{n} of {all}: {}", named(&made))),
    }
}

fn vanished(app: &App, issue: &Issue, found: &mut Gathering) -> Result<(), AppError> {
    let gone = app.store.vanished_since(issue.window.from(), app.now())?;
    if !gone.is_empty() {
        let gone: Vec<String> = gone.iter().map(|(title, why)| format!("{:?} ({why})", title.as_str())).collect();
        found.whole("dead-stories", Level::Repaired, format!("{} were left out: {}", gone.len(), named(&gone)));
    }
    Ok(())
}

fn sources(app: &App, found: &mut Gathering) -> Result<(), AppError> {
    let mut silent = Vec::new();
    for source in &app.config.sources {
        if app.store.known_source_state(&source.id)?.is_some_and(|state| state.last_error.is_some()) {
            silent.push(source.name.to_string());
        }
    }
    match silent.len() {
        0 => found.whole("sources", Level::Good, ""),
        n => found.whole("sources", Level::Warned, format!("{n} of {}: {}", app.config.sources.len(), named(&silent))),
    }
    Ok(())
}

/// The same stories twice are a mistake of the machine; a headline or a subject twice may be the habit of a column.
fn before(
    app: &App,
    newsletter: &Newsletter,
    issue: &Issue,
    variants: &[Variant],
    found: &mut Gathering,
) -> Result<(), AppError> {
    let rows = app.store.issues(Some(app.newsletter_id(newsletter)?), EARLIER)?;
    let went = |state| matches!(state, IssueState::Sending | IssueState::Paused | IssueState::Done);
    let last = rows.iter().find(|row| went(row.state) && row.number != Some(issue.number));
    let Some((_, _, last)) = last.map(|row| app.store.revision(row.id)).transpose()?.flatten() else { return Ok(()) };
    stories_before(issue, &last, found);
    if variants.iter().any(|variant| variant.subject == last.subject.as_str()) {
        found.whole(
            "subject-repeated",
            Level::Warned,
            format!("No. {} had it too: {:?}", last.number, last.subject.as_str()),
        );
    }
    Ok(())
}

/// Which stories, or only headlines, stood in the last issue.
fn stories_before(issue: &Issue, last: &Issue, found: &mut Gathering) {
    let before = |is_alike: fn(&Story, &Story) -> bool| {
        let twice = issue.stories.iter().filter(move |now| last.stories.iter().any(|then| is_alike(now, then)));
        twice.map(|story| format!("{:?}", story.title.as_str())).collect::<Vec<_>>()
    };
    let (twice, number) = (before(is_same), last.number);
    if !twice.is_empty() && twice.len() == issue.stories.len() {
        let sentence = format!("all {} stories stood in No. {number}: {}", twice.len(), named(&twice));
        found.whole("same-as-last", Level::Blocking, sentence);
        return;
    }
    found.whole("same-as-last", Level::Good, "");
    let headlines = before(|now, then| now.title == then.title && !is_same(now, then));
    for (name, twice) in [("story-repeated", twice), ("headline-repeated", headlines)] {
        if !twice.is_empty() {
            found.whole(name, Level::Warned, format!("{} of No. {number}: {}", twice.len(), named(&twice)));
        }
    }
}

/// Whether two stories are one: by what they are known as, where they lie, or what they say.
fn is_same(one: &Story, other: &Story) -> bool {
    let lies = |story: &Story| story.url.as_ref().and_then(identity::url_key);
    let says = |story: &Story| (!story.summary.is_empty()).then(|| (story.title.clone(), story.summary.clone()));
    one.article == other.article
        || lies(one).is_some_and(|key| lies(other) == Some(key))
        || says(one).is_some_and(|words| says(other) == Some(words))
}

/// Where the links lead, as far as their servers were asked.
pub(super) fn links(app: &App, issue: &Issue, links: &[String], found: &mut Gathering) -> Result<(), AppError> {
    let known = app.store.link_checks(links)?;
    let told: Vec<String> = known
        .iter()
        .filter(|check| check.verdict != Verdict::Alive)
        .map(|check| {
            let story =
                issue.stories.iter().find(|story| story.url.as_ref().is_some_and(|url| url.as_str() == check.url));
            let name = story.map_or_else(|| check.url.clone(), |story| format!("{:?}", story.title.as_str()));
            format!("{name} ({})", check.detail)
        })
        .collect();
    match told.len() {
        0 if known.is_empty() => {}
        0 => found.whole("links", Level::Good, format!("{} of {} were asked and answer", known.len(), links.len())),
        n => found.whole("links", Level::Warned, format!("{n} of {}: {}", links.len(), named(&told))),
    }
    Ok(())
}

/// Who gets it, and in how many renderings.
pub(super) fn readers(newsletter: &Newsletter, distinct: usize, reached: u64, nothing: u64, found: &mut Gathering) {
    match (reached, nothing) {
        (0, 0) => found.whole(
            "nobody",
            Level::Blocking,
            "no active subscriber; add one with `subscribers add` or `subscribers import`",
        ),
        (0, n) => {
            found.whole(
                "nobody",
                Level::Blocking,
                format!("{} chose topics, and no story has one of them", counted(n, "reader")),
            );
        }
        _ => found.whole("nobody", Level::Good, ""),
    }
    if nothing > 0 && reached > 0 {
        found.whole("nothing-for-some", Level::Warned, format!("{nothing} of {} get no mail", reached + nothing));
    }
    let most = newsletter.policy.max_variants;
    if distinct > most {
        let sentence = format!("{distinct}, more than max_variants ({most}); all of them go out");
        found.whole("variants", Level::Warned, sentence);
    }
}

/// The first of some things, and how many more there are.
fn named(things: &[String]) -> String {
    let first = things.iter().take(NAMED).cloned().collect::<Vec<_>>().join(", ");
    match things.len().saturating_sub(NAMED) {
        0 => first,
        n => format!("{first} and {n} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, EXAMPLE};
    use std::path::Path;

    fn told(distinct: usize, reached: u64, nothing: u64) -> Vec<String> {
        let config = Config::parse(Path::new("c.toml"), EXAMPLE, &std::collections::BTreeMap::new()).unwrap();
        let mut found = Gathering::default();
        readers(&config.newsletters[0], distinct, reached, nothing, &mut found);
        let report = found.finish(reached, nothing, chrono::DateTime::UNIX_EPOCH);
        report.notable().map(|check| format!("{} {}", check.level.as_str(), check.sentence())).collect()
    }

    #[test]
    fn more_renderings_than_max_variants_are_told_and_nothing_else_is_made_of_it() {
        assert_eq!(told(1_000, 5_000, 0), Vec::<String>::new());
        assert_eq!(
            told(1_001, 5_000, 0),
            ["warned Many renderings: 1001, more than max_variants (1000); all of them go out"]
        );
    }

    #[test]
    fn nobody_to_send_to_blocks_and_some_with_nothing_do_not() {
        assert!(told(0, 0, 0)[0].starts_with("blocking Nobody to send to: no active subscriber"));
        assert!(told(0, 0, 7)[0].starts_with("blocking Nobody to send to: 7 readers chose topics"));
        assert_eq!(told(3, 93, 7), ["warned Readers whose topics have no story: 7 of 100 get no mail"]);
    }

    #[test]
    fn a_long_list_is_named_by_its_first_things() {
        let things: Vec<String> = (1..6).map(|n| n.to_string()).collect();
        assert_eq!(named(&things), "1, 2, 3 and 2 more");
        assert_eq!(named(&things[..2]), "1, 2");
    }
}
