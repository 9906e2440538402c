//! The stories that the coming issue considers, as the subcommands share them.

use crate::app::App;
use crate::domain::newsletter::Newsletter;
use crate::domain::window::Window;
use crate::publish::compose::{Considered, Edition, LeftOut, consider};
use crate::publish::edition::coming;

/// What the coming issue of a newsletter would take or leave out, were it composed now.
pub(super) fn considered(app: &App, newsletter: &Newsletter) -> anyhow::Result<Vec<Considered>> {
    let id = app.newsletter_id(newsletter)?;
    let now = app.now();
    let occurrence =
        coming(&app.store, newsletter, id, now)?.ok_or_else(|| anyhow::anyhow!("the schedule has no further date"))?;
    let window = Window::new(app.store.window_from(id)?.min(now), now)?;
    let number = app.store.next_number(id, newsletter.first_number)?;
    let edition = Edition { newsletter: id, number, occurrence, window, as_of: now, composing: None };
    Ok(consider(&app.store, newsletter, app.desk(), edition)?)
}

/// Why a story stands in no section, in words.
pub(super) fn left_out(reason: LeftOut) -> &'static str {
    match reason {
        LeftOut::NotThisNewsletter => "has none of the newsletter's tags",
        LeftOut::NoSection => "no section gathers its tags or its language",
    }
}
