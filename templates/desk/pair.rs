//! One thing that can be changed: what the program made of it beside what an editor wrote, with lengths, who wrote it, and the way back.

use crate::domain::count::counted;
use maud::{Markup, html};

/// One thing that can be changed.
#[derive(Debug, Clone, Default)]
pub struct Pair {
    /// Its name in the form.
    pub name: String,
    /// Its name for people.
    pub label: String,
    /// What the program makes of it; empty for nothing.
    pub machine: String,
    /// What stands: the editor's words, or else the program's.
    pub standing: String,
    /// Who wrote it, if an editor or a file did.
    pub by: Option<By>,
    /// What inboxes show of it before they cut it: where, and the beginning that is seen.
    pub cuts: Vec<(String, String)>,
    /// How it is typed.
    pub input: Input,
    /// What to know before typing; empty for nothing.
    pub hint: String,
}

/// Who wrote something in the program's place.
#[derive(Debug, Clone)]
pub struct By {
    /// Their name.
    pub name: String,
    /// Whether it stands in a file of the configuration, which no page can change.
    pub is_file: bool,
}

/// How something is typed.
#[derive(Debug, Clone, Default)]
pub enum Input {
    /// One line.
    #[default]
    Line,
    /// A few lines.
    Area,
    /// Many lines.
    Text,
    /// One of some values, each with its words.
    Pick(Vec<(String, String)>),
}

impl Pair {
    /// The row of a form.
    pub(super) fn show(&self) -> Markup {
        let id = format!("f-{}", self.name);
        let is_file = self.by.as_ref().is_some_and(|by| by.is_file);
        html! {
            div.pair {
                div {
                    p.source { (self.label) ", as the program makes it" }
                    @if self.machine.is_empty() { p.machine { em { "nothing" } } } @else { p.machine { (self.machine_words()) } }
                }
                div.entry {
                    label for=(id) { (self.label) }
                    @if !self.hint.is_empty() { p.note { (self.hint) } }
                    (self.typed(&id, is_file))
                    (self.lengths())
                    @if let Some(by) = &self.by { (self.author(by)) }
                }
            }
        }
    }

    /// What the program makes, in the words of a choice where it is one.
    fn machine_words(&self) -> &str {
        let Input::Pick(values) = &self.input else { return &self.machine };
        values.iter().find(|(value, _)| *value == self.machine).map_or(self.machine.as_str(), |(_, words)| words)
    }

    fn typed(&self, id: &str, is_file: bool) -> Markup {
        html! {
            @match &self.input {
                Input::Line => input.text id=(id) name=(self.name) value=(self.standing) disabled[is_file];,
                Input::Area => textarea.area id=(id) name=(self.name) rows="3" disabled[is_file] { (self.standing) },
                Input::Text => textarea.area.tall id=(id) name=(self.name) rows="6" disabled[is_file] { (self.standing) },
                Input::Pick(values) => select.pick id=(id) name=(self.name) disabled[is_file] {
                    @for (value, words) in values { option value=(value) selected[*value == self.standing] { (words) } }
                },
            }
        }
    }

    fn lengths(&self) -> Markup {
        if matches!(self.input, Input::Pick(_)) || self.standing.is_empty() {
            return html! {};
        }
        html! {
            p.cut { (counted(self.standing.chars().count() as u64, "character")) @if self.cuts.is_empty() { "" } @else { ", cut" } }
            @for (place, shown) in &self.cuts { p.cut { b { (place) } " shows: " (shown) "…" } }
        }
    }

    fn author(&self, by: &By) -> Markup {
        html! {
            @if by.is_file {
                p.note { "A file in the configuration says so, and only there can it be changed." }
            } @else {
                div.acts.row {
                    span.flag { "Written by " (by.name) }
                    button.button.plain.small name="back" value=(self.name) { "Take back" }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_and_hand_stand_side_by_side_with_their_lengths() {
        let pair = Pair {
            name: "title".into(),
            label: "Headline".into(),
            machine: "Talks <go> on".into(),
            standing: "Talks".into(),
            by: Some(By { name: "Mona".into(), is_file: false }),
            cuts: vec![("Gmail".into(), "Tal".into())],
            ..Pair::default()
        };
        let html = pair.show().into_string();
        for part in
            ["Talks &lt;go&gt; on", "value=\"Talks\"", "5 characters", "Written by Mona", "value=\"title\"", "Tal…"]
        {
            assert!(html.contains(part), "{part}: {html}");
        }
    }

    #[test]
    fn what_a_file_says_cannot_be_typed_over() {
        let by = By { name: "file".into(), is_file: true };
        let html = Pair { name: "title".into(), by: Some(by), ..Pair::default() }.show().into_string();
        assert!(html.contains("disabled") && !html.contains("Take back"));
    }
}
