//! `pictures`: which pictures of stories are kept, why others are left out, and taking one back.

use super::context::{Context, print, print_json};
use crate::store::pictures::PictureRow;
use anyhow::bail;

/// What to do with pictures.
#[derive(Debug, clap::Subcommand)]
pub enum PicturesCommand {
    /// Pictures of stories, the latest first
    #[command(after_help = "Example: week-in-review pictures list --left-out")]
    List {
        /// Only links that led to no picture, with the reason
        #[arg(long)]
        left_out: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Take a picture back: from /media/, from issue pages, and from every mail that is still to be rendered
    #[command(
        after_help = "Example: week-in-review pictures withdraw https://www.example.org/photo.jpg --yes\n\nIts bytes are deleted and it is never fetched again. What a reader has inside a mail already stays there."
    )]
    Withdraw {
        /// Its name at /media/ (64 hexadecimal digits, perhaps with an ending) or the address where it was found
        #[arg(value_name = "SHA256|URL")]
        picture: String,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Runs the command.
pub fn run(command: &PicturesCommand, context: &Context) -> anyhow::Result<()> {
    match command {
        PicturesCommand::List { left_out, json } => list(*left_out, *json, context),
        PicturesCommand::Withdraw { picture, yes } => withdraw(picture, *yes, context),
    }
}

fn list(left_out: bool, json: bool, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    let rows: Vec<PictureRow> =
        app.store.pictures()?.into_iter().filter(|row| !left_out || row.problem.is_some()).collect();
    if json {
        return print_json(&rows);
    }
    if rows.is_empty() {
        context.say("No picture of a story was looked at yet.");
    }
    rows.iter().try_for_each(|row| print(&described(row)))
}

/// Two lines: where it was found, and what became of it.
fn described(row: &PictureRow) -> String {
    let state = match (&row.problem, row.withdrawn_at, &row.sha256) {
        (Some(problem), ..) => format!("left out: {problem}"),
        (_, Some(at), _) => format!("withdrawn on {}", at.format("%Y-%m-%d %H:%M UTC")),
        (_, _, Some(sha256)) => kept(row, sha256),
        (..) => "left out".to_owned(),
    };
    format!("{}\n    {state}\n", row.url)
}

fn kept(row: &PictureRow, sha256: &str) -> String {
    let size = match row.bytes {
        0 => "shown from there".to_owned(),
        bytes => format!("{} KB", bytes.div_ceil(1_024)),
    };
    let mut out = format!("{} × {}, {size}, {sha256}", row.width.unwrap_or(0), row.height.unwrap_or(0));
    for (name, said) in [("source", &row.source), ("credit", &row.credit), ("licence", &row.licence)] {
        if let Some(said) = said {
            out.push_str(&format!(", {name} {said}"));
        }
    }
    out
}

fn withdraw(picture: &str, yes: bool, context: &Context) -> anyhow::Result<()> {
    let app = context.app()?;
    let name = name(picture);
    let known =
        app.store.pictures()?.into_iter().filter(|row| row.url == name || row.sha256.as_deref() == Some(name)).count();
    if !context.confirm(&format!("Withdraw {name} from {known} link(s), everywhere and for good?"), yes)? {
        return Ok(());
    }
    let gone = app.store.withdraw_picture(name, app.now())?;
    if gone.is_empty() {
        bail!("{picture}: no picture is kept under this name or address; `pictures list` shows them");
    }
    app.store.audit("operator", "withdraw picture", &gone.join(" "), name, app.now())?;
    context.say(format!("Withdrawn: {}.", gone.join(", ")));
    Ok(())
}

/// The name as it is stored: without the folder and ending that it has in web addresses of ours.
fn name(picture: &str) -> &str {
    let last = picture.rsplit('/').next().unwrap_or(picture);
    let stem = last.split_once('.').map_or(last, |(stem, _)| stem);
    let is_hash = stem.len() == 64 && stem.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { stem } else { picture }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_is_named_by_hash_file_or_address() {
        let hash = "0a".repeat(32);
        assert_eq!(name(&hash), hash);
        assert_eq!(name(&format!("https://news.example.org/media/{hash}.jpg")), hash);
        assert_eq!(name("https://wire.example/a.jpg"), "https://wire.example/a.jpg");
    }
}
