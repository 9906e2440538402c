//! What is checked before an issue goes out: the finished bytes of every rendering, and what is known of the world around them. One list of checks
//! for the command line, the desk, the mails to editors, the cut-off and the send. Finds and words; what blocks is decided by
//! `domain::preflight`, and the scheduler obeys what was kept here.

mod bytes;
mod gate;
mod own;
mod spam;
mod whole;

pub use gate::{let_go_anyway, run, step};

use crate::app::{App, AppError};
use crate::collect::link_check::check_links;
use crate::domain::issue::{Choice, Issue};
use crate::domain::newsletter::Newsletter;
use crate::domain::preflight::{Gathering, Level, Preflight};
use crate::domain::subscriber::Format;
use crate::mail::inspect::web_links;
use crate::publish::arrange::cut;
use crate::publish::freeze::{render, variant_of};
use crate::rehearsal::{Press, nobody};
use crate::store::issues::Variant;
use std::collections::BTreeSet;

/// How much is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// Every distinct rendering: what goes out.
    Every,
    /// The rendering of everything alone: for a page that is looked at often.
    One,
}

/// Checks an issue by its bytes and by the facts that are known. Fetches nothing and writes nothing.
pub fn check(app: &App, newsletter: &Newsletter, issue: &Issue, depth: Depth) -> Result<Preflight, AppError> {
    let (id, now) = (app.newsletter_id(newsletter)?, app.now());
    let (mut variants, readers, nothing) = match depth {
        Depth::One => (Vec::new(), app.readers_of_next(id)?, 0),
        Depth::Every => {
            let wishes = app.store.wishes(id, &newsletter.language, now)?;
            let readers = app.with_arriving(id, wishes.iter().map(|wish| wish.readers).sum())?;
            let rendered = render(issue, wishes);
            let nothing = rendered.wishes.iter().filter(|(_, variant)| variant.is_none()).map(|(wish, _)| wish.readers);
            let nothing = nothing.sum();
            (rendered.variants, readers, nothing)
        }
    };
    let reached = readers.saturating_sub(nothing);
    let distinct = variants.len();
    if variants.is_empty() {
        variants.push(of_everything(issue));
    }
    let mut found = Gathering::default();
    let press = Press::new(app, issue, id, now)?;
    let postal = newsletter.publication.postal_address.as_str();
    let mut links = BTreeSet::new();
    for variant in &variants {
        found.next_rendering();
        bytes::look(&press.message(app, variant, &nobody())?, variant, postal, &mut found);
        links.extend(web_links(&variant.html));
    }
    let links = links_out(&links, newsletter);
    whole::look(app, newsletter, issue, &variants, &mut found)?;
    whole::links(app, issue, &links, &mut found)?;
    whole::readers(newsletter, distinct, reached, nothing, &mut found);
    if let Some(problem) = app.quota_problem(reached)? {
        found.whole("daily-quota", Level::Warned, problem);
    }
    own::judge(app, newsletter, &mut found)?;
    spam::judge(app, newsletter, &mut found)?;
    Ok(found.finish(reached, nothing, now))
}

/// Gathers the facts that only the network or another program knows: where links lead, whether our own address answers, what a spam filter says.
pub async fn gather(app: &App, newsletter: &Newsletter, issue: &Issue) -> Result<(), AppError> {
    let fetch = app.fetcher();
    // Whatever a choice gives, its stories are among those of the whole.
    let mut links: BTreeSet<String> = web_links(&of_everything(issue).html).into_iter().collect();
    links.extend(issue.stories.iter().filter_map(|story| story.url.as_ref()).map(ToString::to_string));
    let links = links_out(&links, newsletter);
    check_links(&app.store, &fetch, &app.config.sources, &links, app.now(), &app.manner()).await?;
    own::ask(app, &fetch, newsletter).await?;
    spam::ask(app, newsletter, issue).await
}

fn of_everything(issue: &Issue) -> Variant {
    variant_of(&cut(issue, &Choice::Everything), Format::Html)
}

/// The links that lead away from our own pages; those are asked for as a whole, and an issue's page is not up before it goes out.
fn links_out(links: &BTreeSet<String>, newsletter: &Newsletter) -> Vec<String> {
    let own = newsletter.brand.web_base.as_str();
    let is_own =
        |url: &str| url.strip_prefix(own).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?', '#']));
    // Places that are filled for each reader lead to our own pages.
    let is_whole = |url: &str| !url.contains(crate::domain::slot::is_noncharacter);
    links.iter().filter(|url| !is_own(url) && is_whole(url)).cloned().collect()
}
