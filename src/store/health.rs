//! Whether the database file is sound.

use super::{Store, StoreError};

impl Store {
    /// Reads every page and says what does not fit together, ten faults at most; empty when all fits. Takes seconds for a file of gigabytes.
    pub fn faults(&self) -> Result<Vec<String>, StoreError> {
        let connection = self.reading();
        let mut statement = connection.prepare("PRAGMA quick_check(10)")?;
        let said = statement.query_map([], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
        Ok(said.into_iter().filter(|line| line != "ok").collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::FileExt;

    #[test]
    fn a_sound_database_has_no_faults() {
        assert!(Store::in_memory().unwrap().faults().unwrap().is_empty());
    }

    #[test]
    fn a_page_that_was_overwritten_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("subscribers.db");
        drop(Store::open(&path).unwrap());
        let file = std::fs::OpenOptions::new().write(true).open(&path).unwrap();
        let last = file.metadata().unwrap().len() / 4096 - 1;
        file.write_all_at(&[0xA5; 64], last * 4096).unwrap();
        let store = Store::open(&path).unwrap();
        assert!(store.faults().map_or(true, |faults| !faults.is_empty()));
    }
}
