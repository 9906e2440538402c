//! The spool: where a mail system's alias hands returned messages over. It runs the program as a user of its own (`nobody`), who may put a file there
//! and nothing else: neither read the spool nor the database.

use super::LOOKED_AT;
use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Everybody may put files there, nobody but the owner list or remove those of others.
const DROP_BOX: u32 = 0o1733;

/// Makes the folder, if it is not there.
pub fn prepare(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(DROP_BOX))
}

/// Puts a message there, whole or not at all; `mark` makes its name. What lies beyond the beginning is read and let go, so that the mail system's pipe
/// does not break.
pub fn put(folder: &Path, mark: [u8; 16], message: &mut impl Read) -> io::Result<()> {
    let name = mark.iter().fold(String::new(), |name, byte| name + &format!("{byte:02x}"));
    let (hidden, shown) = (folder.join(format!(".{name}")), folder.join(format!("{name}.eml")));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o644).open(&hidden)?;
    // The owner of the spool is somebody else than the user of the mail system, whatever its umask says.
    file.set_permissions(fs::Permissions::from_mode(0o644))?;
    let written =
        io::copy(&mut message.take(LOOKED_AT), &mut file).and_then(|_| file.flush()).and_then(|()| file.sync_all());
    if let Err(error) = written {
        let _ = fs::remove_file(&hidden);
        return Err(error);
    }
    io::copy(message, &mut io::sink())?;
    fs::rename(&hidden, &shown)
}

/// The folder within the spool where messages lie that were taken in.
fn read_ones(folder: &Path) -> PathBuf {
    folder.join("read")
}

/// Puts a message away that was taken in, under its mark, for whoever wants to see why somebody gets nothing any more.
pub fn put_away(folder: &Path, path: &Path, message: &[u8]) -> io::Result<()> {
    let read = read_ones(folder);
    if let Err(error) = fs::DirBuilder::new().mode(0o700).create(&read)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error);
    }
    // Anybody may put something of this name into the spool; then nothing is kept.
    let (spool, ours) = (fs::metadata(folder)?, fs::symlink_metadata(&read)?);
    if !ours.is_dir() || ours.uid() != spool.uid() {
        return fs::remove_file(path);
    }
    fs::rename(path, read.join(name_of(&Sha256::digest(message).into())))
}

fn name_of(mark: &[u8; 32]) -> String {
    mark.iter().fold(String::new(), |name, byte| name + &format!("{byte:02x}")) + ".eml"
}

/// Lets go of messages that were put away and came before an instant, and of those with these marks. Returns how many.
pub fn let_go(folder: &Path, before: DateTime<Utc>, marks: &[[u8; 32]]) -> io::Result<usize> {
    let read = read_ones(folder);
    if !read.is_dir() {
        return Ok(0);
    }
    let named = marks.iter().map(|mark| fs::remove_file(read.join(name_of(mark))).is_ok());
    let mut gone = named.filter(|is_gone| *is_gone).count();
    for entry in fs::read_dir(&read)? {
        let entry = entry?;
        let came = entry.metadata().and_then(|metadata| metadata.modified());
        if came.is_ok_and(|at| DateTime::<Utc>::from(at) < before) {
            fs::remove_file(entry.path())?;
            gone += 1;
        }
    }
    Ok(gone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_put_whole_and_readable_for_the_owner_of_the_spool() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("returned");
        prepare(&spool).unwrap();
        assert_eq!(fs::metadata(&spool).unwrap().permissions().mode() & 0o7777, DROP_BOX);
        put(&spool, [7; 16], &mut &b"Subject: x\n\nhello"[..]).unwrap();
        let names: Vec<_> = fs::read_dir(&spool).unwrap().map(|entry| entry.unwrap().path()).collect();
        assert_eq!(names.len(), 1);
        assert_eq!(fs::read(&names[0]).unwrap(), b"Subject: x\n\nhello");
        assert_eq!(fs::metadata(&names[0]).unwrap().permissions().mode() & 0o777, 0o644);
    }

    #[test]
    fn what_was_taken_in_lies_in_a_closed_folder_until_its_time_or_its_person_is_over() {
        let folder = tempfile::tempdir().unwrap();
        let spool = folder.path().join("returned");
        prepare(&spool).unwrap();
        for (n, text) in ["one", "two", "three"].into_iter().enumerate() {
            put(&spool, [n as u8; 16], &mut text.as_bytes()).unwrap();
            let path = spool.join(format!("{}.eml", format!("{n:02x}").repeat(16)));
            put_away(&spool, &path, text.as_bytes()).unwrap();
        }
        let read = read_ones(&spool);
        assert_eq!(fs::metadata(&read).unwrap().permissions().mode() & 0o777, 0o700);
        let long_ago = "2026-01-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap();
        let file = fs::File::open(read.join(name_of(&Sha256::digest("one").into()))).unwrap();
        file.set_modified(long_ago.into()).unwrap();
        let later = long_ago + chrono::TimeDelta::days(1);
        assert_eq!(let_go(&spool, later, &[Sha256::digest("two").into(), [7; 32]]).unwrap(), 2);
        let left: Vec<_> = fs::read_dir(&read).unwrap().map(|entry| fs::read(entry.unwrap().path()).unwrap()).collect();
        assert_eq!(left, [b"three"]);
        assert_eq!(let_go(&folder.path().join("none"), later, &[]).unwrap(), 0);
    }
}
