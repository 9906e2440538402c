//! Lists as files: brought in, taken back, written out.

use super::Surroundings;
use crate::cli::Usage;
use crate::domain::tag::Slug;
use crate::store::imports::ImportId;
use crate::subscribe::export::export as write_csv;
use crate::subscribe::import::{Column, Event, Options, Report, import as read_csv, undo as take_back};
use anyhow::Context;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Brings a list from elsewhere.
#[derive(Debug, Clone, clap::Args)]
#[command(
    after_help = "Examples:\n  week-in-review subscribers import list.csv --dry-run\n  week-in-review subscribers import list.csv --map \"E-Mail Address=email\" --basis \"members, statute of 2019\"\n  week-in-review subscribers import list.csv --activate 2000 --each-issue\n\n\
    Columns: email, name, status, newsletters, topics, language, opted_in_at, opted_in_from, confirmed_at,\nconfirmed_from, wording. People whose row says that they left, bounced or complained are suppressed. Nobody who left\nhere or is suppressed here is brought back by a file."
)]
pub struct ImportArgs {
    /// The CSV file; UTF-8, UTF-16 or Windows-1252, with commas, semicolons or tabs
    pub file: PathBuf,
    /// A column of the file and the one of ours that it is; may be given more than once
    #[arg(long, value_name = "THEIRS=OURS", value_parser = mapping)]
    pub map: Vec<(String, Column)>,
    /// Why mail may go to people whose row proves no confirmation, for the consent ledger
    #[arg(long, value_name = "TEXT")]
    pub basis: Option<String>,
    /// The newsletter of rows that name none; without it the first of the configuration
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Option<Slug>,
    /// Let the new ones in by cohorts of this size instead of all at once; needs --each-issue. The file again with another number changes it
    #[arg(long, value_name = "N", requires = "each_issue", value_parser = clap::value_parser!(u32).range(1..))]
    pub activate: Option<u32>,
    /// One cohort with each issue, the latest to confirm first; the others wait as arriving, as `schedule --next` shows
    #[arg(long, requires = "activate")]
    pub each_issue: bool,
    /// Say what would change, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

/// Takes an import back.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review subscribers undo-import 3 --yes")]
pub struct UndoArgs {
    /// The import; without it the latest
    pub id: Option<i64>,
    /// Also lift the bounces and complaints that only this import told of
    #[arg(long)]
    pub with_suppressions: bool,
    /// Do it
    #[arg(long)]
    pub yes: bool,
    /// Print one JSON value
    #[arg(long)]
    pub json: bool,
}

/// Writes the list as CSV.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "Example: week-in-review subscribers export --output list.csv")]
pub struct ExportArgs {
    /// Only this newsletter
    #[arg(long, value_name = "SLUG")]
    pub newsletter: Option<Slug>,
    /// A file that nobody else may read, instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

fn mapping(text: &str) -> Result<(String, Column), String> {
    let (theirs, ours) = text.rsplit_once('=').ok_or("must be THEIRS=OURS, such as \"E-Mail Address=email\"")?;
    Ok((theirs.trim().to_owned(), Column::parse(ours).map_err(|error| error.to_string())?))
}

pub(super) fn import(args: &ImportArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    let newsletters: BTreeMap<_, _> = with
        .config
        .newsletters
        .iter()
        .map(|newsletter| {
            (newsletter.slug.clone(), newsletter.sections.iter().map(|section| section.slug.clone()).collect())
        })
        .collect();
    let default = match &args.newsletter {
        Some(slug) => super::newsletter(with.config, slug)?,
        None => &with.config.newsletters[0],
    };
    let basis = args.basis.as_deref().map(str::trim);
    if basis == Some("") {
        return Err(Usage("--basis must not be empty: it is the record of why".to_owned()).into());
    }
    let options = Options {
        path: &args.file,
        columns: &args.map,
        basis,
        newsletters: &newsletters,
        default: Some(&default.slug),
        per_issue: args.activate,
        dry_run: args.dry_run,
        now: with.now,
    };
    let bar = bar();
    let (file, entropy) = (args.file.display(), with.entropy);
    let err = &mut *with.err;
    let mut tell = |event| match event {
        Event::Problem { line, sentence } => {
            bar.suspend(|| writeln!(err, "{file}, line {line}: {sentence}")).unwrap_or_default();
        }
        Event::Progress { done, all } => {
            bar.set_length(all);
            bar.set_position(done);
        }
    };
    let report = read_csv(with.store, with.keyring, &options, &mut || entropy.bytes(), &mut tell);
    bar.finish_and_clear();
    say(&report?, args, with)
}

fn bar() -> ProgressBar {
    let style = ProgressStyle::with_template("{wide_bar} {human_pos}/{human_len} {eta}");
    // Hidden where standard error is no terminal.
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn say(report: &Report, args: &ImportArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    if args.json {
        let outcomes: Vec<_> = report
            .outcomes
            .iter()
            .map(|(outcome, counted)| {
                json!({
                    "outcome": outcome.in_words(), "changes": outcome.changes(), "count": counted.count,
                    "examples": counted.examples.iter().map(|(line, email)| json!({"line": line, "email": email})).collect::<Vec<_>>(),
                })
            })
            .collect();
        let value = json!({
            "import": report.id.map(|ImportId(id)| id), "dry_run": args.dry_run, "encoding": report.encoding,
            "rows": report.rows, "problems": report.problems, "changes": report.changes(),
            "unused_columns": report.unused, "outcomes": outcomes,
        });
        serde_json::to_writer_pretty(&mut *with.out, &value)?;
        writeln!(with.out)?;
        return Ok(());
    }
    let file = args.file.display();
    writeln!(with.err, "{file}: read as {} with {:?} between cells", report.encoding, report.delimiter)?;
    if !report.unused.is_empty() {
        writeln!(with.err, "{file}: kept with each row, but not used: {}", report.unused.join(", "))?;
    }
    writeln!(with.out, "{} rows, {} not taken", report.rows, report.problems)?;
    for (outcome, counted) in &report.outcomes {
        let examples: Vec<String> =
            counted.examples.iter().map(|(line, address)| format!("{address} in line {line}")).collect();
        let such = if examples.is_empty() { String::new() } else { format!(", such as {}", examples.join(", ")) };
        writeln!(with.out, "{:>8}  {}{such}", counted.count, outcome.in_words())?;
    }
    match report.id {
        Some(ImportId(id)) => {
            writeln!(with.out, "import {id}; taken back by: week-in-review subscribers undo-import {id} --yes")?;
        }
        None if args.dry_run => writeln!(with.out, "a dry run: nothing was changed")?,
        None => writeln!(with.out, "nothing was to be changed")?,
    }
    Ok(())
}

pub(super) fn undo(args: &UndoArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    if !args.yes {
        let which = args.id.map_or_else(|| "the latest import".to_owned(), |id| format!("import {id}"));
        return Err(Usage(format!("{which} would be taken back; repeat with --yes")).into());
    }
    let bar = bar();
    let mut tell = |event| {
        if let Event::Progress { done, .. } = event {
            bar.set_position(done);
        }
    };
    let undone = take_back(with.store, args.id, args.with_suppressions, with.now, &mut tell);
    bar.finish_and_clear();
    let (import, undone) = undone?;
    let ImportId(id) = import.id;
    if args.json {
        let value = json!({
            "import": id, "subscriptions": undone.subscriptions, "people": undone.people, "lifted": undone.lifted,
            "kept_changed": undone.kept_changed, "kept_people": undone.kept_people,
            "kept_suppressions": undone.kept_suppressions,
        });
        serde_json::to_writer_pretty(&mut *with.out, &value)?;
        writeln!(with.out)?;
        return Ok(());
    }
    writeln!(with.out, "import {id} of {} ({}) is taken back", import.at.format("%Y-%m-%d"), import.file_name)?;
    for (count, words) in [
        (undone.subscriptions, "subscriptions are as they were before"),
        (undone.people, "people are gone from the database"),
        (undone.lifted, "suppressions are lifted"),
        (undone.kept_changed, "subscriptions stay: somebody changed them since"),
        (undone.kept_people, "people stay without this subscription: they were mailed, or are held by something else"),
        (
            undone.kept_suppressions,
            "suppressions stay: bounces, complaints and those that were not this import's alone",
        ),
    ] {
        if count > 0 {
            writeln!(with.out, "{count:>8}  {words}")?;
        }
    }
    Ok(())
}

pub(super) fn export(args: &ExportArgs, with: &mut Surroundings<'_>) -> anyhow::Result<()> {
    if let Some(slug) = &args.newsletter {
        super::newsletter(with.config, slug)?;
    }
    let newsletter = args.newsletter.as_ref();
    let Some(path) = &args.output else {
        write_csv(with.store, newsletter, &mut *with.out)?;
        return Ok(());
    };
    let file = private(path).with_context(|| path.display().to_string())?;
    let rows = write_csv(with.store, newsletter, std::io::BufWriter::new(file))?;
    writeln!(with.err, "{rows} rows are in {}, which only you may read", path.display())?;
    Ok(())
}

/// A file for its owner alone, also where one lay before.
fn private(path: &Path) -> std::io::Result<std::fs::File> {
    use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
    let file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}
