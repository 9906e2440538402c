//! Which story is meant: by its number, or by words of its headline.

use crate::app::App;
use crate::cli::context::Usage;
use crate::domain::article::ArticleId;
use crate::store::articles::StoryShown;

/// Stories that are named when words fit several.
const NAMED: usize = 8;

/// The one story that is meant.
pub(super) fn found(app: &App, words: &[String]) -> anyhow::Result<StoryShown> {
    if let [number] = words
        && let Ok(id) = number.trim_start_matches('#').parse::<i64>()
    {
        let story = app.store.story(ArticleId(id))?;
        return story.ok_or_else(|| {
            anyhow::anyhow!("article {id}: there is none; `articles list` shows those of the coming issue")
        });
    }
    let words: Vec<String> = words.iter().flat_map(|word| word.split_whitespace()).map(str::to_owned).collect();
    let ids = app.store.find_stories(&words, NAMED)?;
    let mut stories = Vec::new();
    for id in &ids {
        stories.extend(app.store.story(*id)?);
    }
    match stories.len() {
        0 => anyhow::bail!("no story has {:?} in its headline", words.join(" ")),
        1 => stories.pop().ok_or_else(|| anyhow::anyhow!("no story")),
        _ => {
            let lines: String = stories
                .iter()
                .map(|story| format!("\n  {:>6}  {}", story.id.0, title(story)))
                .collect::<Vec<_>>()
                .concat();
            Err(Usage(format!("{:?} fits several stories; say a number, or more words:{lines}", words.join(" ")))
                .into())
        }
    }
}

/// The headline that stands for a story: that of its first sighting whose page is there.
pub(super) fn title(story: &StoryShown) -> &str {
    let standing = story.sightings.iter().find(|sighting| sighting.gone.is_none()).or(story.sightings.first());
    standing.map_or("(no text)", |sighting| sighting.text.title.as_str())
}
