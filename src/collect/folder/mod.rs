//! A folder of Markdown, HTML and text files, each an article.
//!
//! One bad file never stops the rest: it is reported and passed over. Nothing outside the folder is read, whatever links point there.

pub mod front_matter;
pub mod markdown;

use crate::collect::page::{self, Page, Remark};
use crate::collect::{saved_mail, saved_text};
use crate::domain::article::{PictureLink, Sighting};
use crate::domain::source::Source;
use crate::domain::text::Line;
use chrono::{DateTime, Utc};
use std::path::{Path, PathBuf};
use url::Url;

/// The most bytes of one file.
const BYTES: u64 = 4 << 20;
/// The most files of one folder.
const FILES: usize = 20_000;
/// Folders are followed this deep.
const DEPTH: usize = 16;

/// What a folder showed.
#[derive(Debug, Default)]
pub struct Reading {
    /// Its articles, by path.
    pub sightings: Vec<Sighting>,
    /// Files that could not be read, each with a reason in words.
    pub problems: Vec<String>,
}

/// Why a folder could not be read at all.
#[derive(Debug, thiserror::Error)]
#[error("folder {path}: {error}")]
pub struct FolderError {
    path: String,
    error: std::io::Error,
}

/// Reads a folder. Drafts and articles dated after `now` are passed over in silence: they are not there yet.
pub fn read(folder: &Path, source: &Source, now: DateTime<Utc>) -> Result<Reading, FolderError> {
    let failed = |error| FolderError { path: folder.display().to_string(), error };
    let root = folder.canonicalize().map_err(failed)?;
    let mut reading = Reading::default();
    let mut files = Vec::new();
    std::fs::read_dir(&root).map_err(failed)?;
    walk(&root, &root, 0, &mut files, &mut reading.problems);
    files.sort();
    for file in files {
        let name = file.strip_prefix(&root).unwrap_or(&file).display().to_string();
        match read_file(&root, &file, &name, source, now) {
            Ok(Some((sighting, remarks))) => {
                reading.sightings.push(sighting);
                reading
                    .problems
                    .extend(remarks.iter().map(|remark| format!("{name}:{}: {}", remark.line, remark.words)));
            }
            Ok(None) => {}
            Err(problem) => reading.problems.push(format!("{name}: {problem}")),
        }
    }
    Ok(reading)
}

fn walk(root: &Path, folder: &Path, depth: usize, files: &mut Vec<PathBuf>, problems: &mut Vec<String>) {
    let name = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) => return problems.push(format!("{}: {error}", name(folder))),
    };
    for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
        if is_hidden(&path) || files.len() >= FILES {
            continue;
        }
        // A link is followed only to where it stays inside the folder.
        let Ok(real) = path.canonicalize() else {
            problems.push(format!("{}: a link that leads nowhere", name(&path)));
            continue;
        };
        if !real.starts_with(root) {
            problems.push(format!("{}: a link that leads out of the folder", name(&path)));
        } else if real.is_dir() {
            // A link to a folder inside would be read twice, or for ever.
            if depth < DEPTH && real == path {
                walk(root, &path, depth + 1, files, problems);
            }
        } else if kind_of(&path).is_some() {
            files.push(path);
        }
    }
}

/// Dot files, and what editors and site generators keep beside articles; Jekyll's drafts lie in a folder of their own.
fn is_hidden(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_none_or(|name| {
        name.starts_with(['.', '~', '#']) || name.ends_with('~') || matches!(name, "node_modules" | "_drafts")
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Markdown,
    Html,
    Text,
    Mail,
}

fn kind_of(path: &Path) -> Option<Kind> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "md" | "markdown" | "mdown" | "mkd" | "mdx" => Some(Kind::Markdown),
        "html" | "htm" | "xhtml" => Some(Kind::Html),
        "txt" | "text" => Some(Kind::Text),
        "eml" => Some(Kind::Mail),
        _ => None,
    }
}

fn read_file(
    root: &Path,
    file: &Path,
    name: &str,
    source: &Source,
    now: DateTime<Utc>,
) -> Result<Option<(Sighting, Vec<Remark>)>, String> {
    let kind = kind_of(file).ok_or("not an article")?;
    // A section's list page is no article in any of the generators.
    if file.file_stem().is_some_and(|stem| stem == "_index") {
        return Ok(None);
    }
    let size = std::fs::metadata(file).map_err(|error| error.to_string())?.len();
    if size > BYTES {
        return Err(format!("larger than {} MB", BYTES >> 20));
    }
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    if bytes.contains(&0) && !bytes.starts_with(&[0xFF, 0xFE]) && !bytes.starts_with(&[0xFE, 0xFF]) {
        return Err("not a text file".to_owned());
    }
    let address = address_of(file.strip_prefix(root).unwrap_or(file), source.base_url.as_ref());
    let mut page = match kind {
        Kind::Markdown => markdown::read(&bytes, address.as_ref().or(source.base_url.as_ref()))?,
        Kind::Html => page::read(&bytes, None, address.as_ref()).map_err(|error| error.to_string())?,
        Kind::Text => saved_text::read(&bytes),
        Kind::Mail => saved_mail::read(&bytes),
    };
    if page.draft {
        return Ok(None);
    }
    let untitled = page.title.is_empty();
    complete(&mut page, file, address, source.base_url.as_ref());
    if page.published.is_some_and(|at| at > now) || page.expires.is_some_and(|at| at <= now) {
        return Ok(None);
    }
    let mut remarks = std::mem::take(&mut page.remarks);
    if untitled {
        let words = format!("no title in it; it is called {:?} after its file", page.title.as_str());
        remarks.push(Remark { line: 1, words });
    }
    if page.picture.is_none() {
        page.picture = picture_beside(file, &page.title);
    }
    let sighting = page.sighting(Some(name.to_owned()), source, now);
    sighting.map(|sighting| Some((sighting, remarks))).ok_or_else(|| "no headline in it".to_owned())
}

/// The picture that lies beside an article under its name: `a-vote.png` for `a-vote.txt`. A page saved as text cannot name one.
fn picture_beside(file: &Path, title: &Line) -> Option<PictureLink> {
    let picture =
        ["png", "jpg", "jpeg"].iter().map(|ending| file.with_extension(ending)).find(|path| path.is_file())?;
    Some(PictureLink { alt: title.clone(), ..PictureLink::new(Url::from_file_path(picture).ok()?) })
}

/// Fills in what the file's name says: its date, its slug, its address.
fn complete(page: &mut Page, file: &Path, address: Option<Url>, base: Option<&Url>) {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    if page.published.is_none()
        && let Some(date) = date_of_name(stem)
    {
        page.published = crate::collect::dates::parse(date);
        page.published_raw = Some(date.to_owned());
    }
    if page.url.is_none() {
        let by_slug = page.slug.as_deref().and_then(|slug| {
            Url::parse(&format!("{}/{slug}", address.as_ref()?.join(".").ok()?.as_str().trim_end_matches('/'))).ok()
        });
        page.url = by_slug.or(address).filter(|_| base.is_some());
    }
    if page.title.is_empty() {
        let words = without_date(stem).replace(['-', '_'], " ");
        page.title = Line::clean_to(&words, 110);
    }
}

/// `2026-11-20` of `2026-11-20-the-vote`, as Jekyll names its posts.
fn date_of_name(stem: &str) -> Option<&str> {
    let date = stem.get(..10)?;
    let shaped =
        date.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
    shaped.then_some(date)
}

fn without_date(stem: &str) -> &str {
    if date_of_name(stem).is_some() { stem[10..].trim_start_matches(['-', '_']) } else { stem }
}

/// `BASE/a/b` for `a/b.md`, `BASE/a` for `a/index.md`.
fn address_of(relative: &Path, base: Option<&Url>) -> Option<Url> {
    let mut address = base?.clone();
    let stem = relative.file_stem()?.to_str()?;
    {
        let mut segments = address.path_segments_mut().ok()?;
        segments.pop_if_empty();
        segments.extend(relative.parent()?.components().filter_map(|part| part.as_os_str().to_str()));
        if stem != "index" {
            segments.push(without_date(stem));
        }
    }
    Some(address)
}

#[cfg(test)]
mod tests;
