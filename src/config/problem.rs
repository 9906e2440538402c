//! What is wrong with a configuration: each problem with its place, key and sentence. Decides nothing.

use std::fmt;
use std::path::{Path, PathBuf};

/// Where a value was written.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// In the file; both count from 1, columns in characters.
    Line {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// In an environment variable of this name.
    Variable(String),
    /// Nowhere: it is missing, or a default.
    Nowhere,
}

impl Place {
    /// How another problem's sentence refers to it.
    pub(super) fn reference(&self) -> String {
        match self {
            Self::Line { line, .. } => format!("line {line}"),
            Self::Variable(name) => format!("variable {name}"),
            Self::Nowhere => "by default".to_owned(),
        }
    }
}

/// One thing that is wrong, or only doubtful.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Problem {
    /// The configuration file.
    pub file: PathBuf,
    /// Where it is.
    pub place: Place,
    /// The key it is about, such as `newsletters[0].schedule`; empty when it is about the whole file.
    pub key: String,
    /// What is wrong and what would be right.
    pub sentence: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Line { line, .. } => write!(f, "{}:{line}: ", self.file.display())?,
            Place::Variable(name) => write!(f, "variable {name}: ")?,
            Place::Nowhere => write!(f, "{}: ", self.file.display())?,
        }
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.sentence)
    }
}

/// Why there is no configuration. Shows one problem a line, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError {
    /// Everything that is wrong, never empty.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    pub(super) fn of_file(file: &Path, sentence: String) -> Self {
        let problem = Problem { file: file.to_owned(), place: Place::Nowhere, key: String::new(), sentence };
        Self { problems: vec![problem] }
    }

    /// Each thing once, in the order of the file, then the environment's.
    pub(super) fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
        let order = |problem: &Problem| match &problem.place {
            Place::Line { line, column } => (0, *line, *column, String::new()),
            Place::Nowhere => (1, 0, 0, String::new()),
            Place::Variable(name) => (2, 0, 0, name.clone()),
        };
        problems.sort_by_key(order);
        // A value that several newsletters inherit is wrong once.
        problems.dedup();
        problems
    }
}
