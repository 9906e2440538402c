//! The spool: where a mail system's alias hands returned messages over. It runs the program as a user of its own (`nobody`), who may put a file there
//! and nothing else: neither read the spool nor the database.

use super::LOOKED_AT;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::Path;

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
}
