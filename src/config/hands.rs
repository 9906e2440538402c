//! `hand/SLUG.toml` beside the configuration: the editor's hand on the issues and stories of a newsletter, as a file. It wins over what was changed
//! on the command line or at the desk. Optional; read with the same care as the configuration itself.

use super::document;
use super::document::{Node, Value};
use super::problem::{ConfigError, Problem};
use super::reader::{Parsed, Reading, Table};
use super::values::{line, slug, switch, text, whole, words};
use crate::domain::hand::{FileHand, IssueEdit, PictureEdit, Place, StoryEdit, StoryRef};
use crate::domain::newsletter::Newsletter;
use crate::domain::tag::Slug;
use std::path::{Path, PathBuf};

/// The folder of these files, beside the configuration.
pub fn folder(config: &Path) -> PathBuf {
    config.parent().unwrap_or(Path::new("")).join("hand")
}

/// Reads the files of all newsletters. A file that belongs to none is a mistake of its name.
pub(super) fn load(config: &Path, newsletters: &[Newsletter]) -> Result<Vec<(Slug, FileHand)>, ConfigError> {
    let folder = folder(config);
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(ConfigError::of_file(&folder, format!("cannot be read: {error}"))),
    };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    files.sort();
    let (mut hands, mut problems): (Vec<(Slug, FileHand)>, Vec<Problem>) = (Vec::new(), Vec::new());
    for file in files {
        let stem = file.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        let Some(newsletter) = newsletters.iter().find(|newsletter| newsletter.slug.as_str() == stem) else {
            let known: Vec<&str> = newsletters.iter().map(|newsletter| newsletter.slug.as_str()).collect();
            let sentence = format!("no newsletter is called {stem:?}; there are: {}", known.join(", "));
            problems.extend(ConfigError::of_file(&file, sentence).problems);
            continue;
        };
        let read = std::fs::read_to_string(&file)
            .map_err(|error| ConfigError::of_file(&file, format!("cannot be read: {error}")))
            .and_then(|text| parse(&file, &text, newsletter));
        match read {
            Ok(hand) => hands.push((newsletter.slug.clone(), hand)),
            Err(error) => problems.extend(error.problems),
        }
    }
    if problems.is_empty() { Ok(hands) } else { Err(ConfigError { problems }) }
}

/// Reads the text of one file.
pub(super) fn parse(file: &Path, text: &str, newsletter: &Newsletter) -> Result<FileHand, ConfigError> {
    let entries = document::parse(file, text.trim_start_matches('\u{FEFF}'))?;
    let reading = Reading::of(file);
    let root = reading.root(&entries);
    let mut hand = FileHand::default();
    for table in root.tables("issues") {
        issue(&table, newsletter, &mut hand);
    }
    for table in root.tables("stories") {
        story(&table, newsletter, &mut hand);
    }
    root.done();
    reading.finish()?;
    Ok(hand)
}

fn issue(table: &Table<'_>, newsletter: &Newsletter, hand: &mut FileHand) {
    let number = table.required("number", "214", whole(1..=999_999));
    let mut edits = Vec::new();
    edits.extend(table.optional("subject", words).map(|subject| IssueEdit::Subject(Some(subject))));
    edits.extend(table.optional("preheader", words).map(|preheader| IssueEdit::Preheader(Some(preheader))));
    edits.extend(table.optional("note", text).map(|note| IssueEdit::Note(Some(note))));
    edits.extend(table.optional("lead", reference).map(|lead| IssueEdit::Lead(Some(lead))));
    let known = |node: &Node| section(node, newsletter);
    let order = table.list("sections", known);
    if !order.is_empty() {
        edits.push(IssueEdit::Order(Some(order)));
    }
    for introduction in table.tables("introductions") {
        let of = introduction.required("section", "\"economy\"", known);
        let words = introduction.required("text", "\"What the week was about.\"", line);
        introduction.done();
        edits.extend(of.zip(words).map(|(of, words)| IssueEdit::Introduction(of, Some(words))));
    }
    table.done();
    if let Some(number) = number {
        hand.issues.extend(edits.into_iter().map(|edit| (number, edit)));
    }
}

fn story(table: &Table<'_>, newsletter: &Newsletter, hand: &mut FileHand) {
    let story = table.required("story", "\"https://www.example.org/a-story\"", reference);
    let (pin, drop) = (table.or("pin", "false", switch), table.or("drop", "false", switch));
    if pin && drop {
        table.problem("drop", "a story is pinned or dropped, not both");
    }
    let place = if pin { Some(Place::Pin) } else { drop.then_some(Place::Drop) };
    let mut edits: Vec<StoryEdit> = place.map(|place| StoryEdit::Place(Some(place))).into_iter().collect();
    let known = |node: &Node| section(node, newsletter);
    edits.extend(table.optional("section", known).map(|section| StoryEdit::Section(Some(section))));
    edits.extend(table.optional("title", words).map(|title| StoryEdit::Title(Some(title))));
    edits.extend(table.optional("summary", line).map(|summary| StoryEdit::Summary(Some(summary))));
    edits.extend(table.optional("picture", picture).map(|picture| StoryEdit::Picture(Some(picture))));
    edits.extend(table.optional("alt", line).map(|alt| StoryEdit::Alt(Some(alt))));
    edits.extend(table.optional("credit", line).map(|credit| StoryEdit::Credit(Some(credit))));
    table.done();
    if let Some(story) = story {
        hand.stories.extend(edits.into_iter().map(|edit| (story.clone(), edit)));
    }
}

fn reference(node: &Node) -> Parsed<StoryRef> {
    match &node.value {
        Value::Whole(number) => StoryRef::parse(&number.to_string()),
        _ => StoryRef::parse(node.text()?),
    }
}

fn section(node: &Node, newsletter: &Newsletter) -> Parsed<Slug> {
    let slug = slug(node)?;
    if newsletter.section(&slug).is_some() {
        return Ok(slug);
    }
    let known: Vec<&str> = newsletter.sections.iter().map(|section| section.slug.as_str()).collect();
    Err(format!("the newsletter has no section \"{slug}\"; there are: {}", known.join(", ")))
}

/// `none` or a web address.
pub fn picture_of(text: &str) -> Result<PictureEdit, String> {
    if text == "none" {
        return Ok(PictureEdit::None);
    }
    match url::Url::parse(text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(PictureEdit::Another(url)),
        _ => Err(format!("{text:?} is neither \"none\" nor the web address of a picture")),
    }
}

fn picture(node: &Node) -> Parsed<PictureEdit> {
    picture_of(node.text()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, EXAMPLE, Environment};

    fn parsed(text: &str) -> Result<FileHand, ConfigError> {
        let config = Config::parse(Path::new("c.toml"), EXAMPLE, &Environment::new()).unwrap();
        parse(Path::new("config/hand/week.toml"), text, &config.newsletters[0])
    }

    #[test]
    fn a_file_says_all_that_an_editor_can() {
        let hand = parsed(
            "[[issues]]\nnumber = 214\nsubject = \"A\"\npreheader = \"B\"\nnote = \"\"\"\nC *d*\n\"\"\"\nlead = 7\n\
             sections = [\"lobbying\"]\nintroductions = [{ section = \"economy\", text = \"E\" }]\n\
             [[stories]]\nstory = \"https://www.example.org/a\"\npin = true\nsection = \"lobbying\"\ntitle = \"T\"\n\
             summary = \"\"\npicture = \"none\"\nalt = \"x\"\ncredit = \"y\"\n",
        )
        .unwrap();
        assert_eq!((hand.issues.len(), hand.stories.len()), (6, 7));
        assert!(hand.issues.contains(&(214, IssueEdit::Lead(Some(StoryRef::parse("7").unwrap())))));
    }

    #[test]
    fn mistakes_are_named_with_file_and_line() {
        let said = parsed(
            "[[issues]]\nnumber = 214\nsubjekt = \"A\"\nsections = [\"nowhere\"]\n\
             [[stories]]\nstory = \"a story\"\npin = true\ndrop = true\npicture = \"x.png\"\n",
        )
        .unwrap_err()
        .to_string();
        for part in [
            "config/hand/week.toml:3: issues[0].subjekt: unknown key; did you mean \"subject\"?",
            "week.toml:4: issues[0].sections[0]: the newsletter has no section \"nowhere\"; there are: economy, lobbying, more",
            "week.toml:6: stories[0].story: \"a story\" is neither the number of a story nor its web address",
            "week.toml:8: stories[0].drop: a story is pinned or dropped, not both",
            "week.toml:9: stories[0].picture: \"x.png\" is neither \"none\" nor the web address of a picture",
        ] {
            assert!(said.contains(part), "{part}\n{said}");
        }
    }

    #[test]
    fn a_file_of_no_newsletter_is_a_mistake_of_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("c.toml");
        std::fs::write(&config, EXAMPLE).unwrap();
        std::fs::create_dir(folder.path().join("hand")).unwrap();
        std::fs::write(folder.path().join("hand/weak.toml"), "").unwrap();
        let said = Config::load(&config, &Environment::new()).unwrap_err().to_string();
        assert!(said.contains("hand/weak.toml: no newsletter is called \"weak\"; there are: week, lobbying"), "{said}");
        std::fs::rename(folder.path().join("hand/weak.toml"), folder.path().join("hand/week.toml")).unwrap();
        assert_eq!(Config::load(&config, &Environment::new()).unwrap().hands.len(), 1);
    }
}
