//! The stories that the coming issue considers, as the subcommands share them.

use crate::app::App;
use crate::domain::newsletter::Newsletter;
use crate::publish::compose::{Considered, consider};
use crate::publish::edition::current;

/// What the issue to work on now would take or leave out.
pub(super) fn considered(app: &App, newsletter: &Newsletter) -> anyhow::Result<Vec<Considered>> {
    let id = app.newsletter_id(newsletter)?;
    let current = current(&app.store, newsletter, id, app.now())?
        .ok_or_else(|| anyhow::anyhow!("the schedule has no further date"))?;
    Ok(consider(&app.store, newsletter, app.desk(), current.edition)?.stories)
}
