//! A certificate authority for one test, made by openssl, and a server certificate for `localhost` and `127.0.0.1` from it.

use super::process::{program, run};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The files of a certificate authority and of one server. They live as long as the folder they are in.
pub struct Certificates {
    /// What a client must trust, PEM.
    pub authority: PathBuf,
    /// The server's certificate, PEM.
    pub certificate: PathBuf,
    /// The server's key, PEM.
    pub key: PathBuf,
}

impl Certificates {
    /// Makes them in `folder`, valid from now for two days.
    pub fn make(folder: &Path) -> Self {
        let file = |name: &str| folder.join(name);
        let extensions =
            "subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\nbasicConstraints=CA:FALSE\n";
        fs::write(file("server.ext"), extensions).expect("the folder can be written");
        openssl(
            folder,
            "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=test-authority -keyout ca.key -out ca.pem",
        );
        openssl(
            folder,
            "req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout server.key -out server.csr",
        );
        openssl(
            folder,
            "x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile server.ext -out server.pem",
        );
        Self { authority: file("ca.pem"), certificate: file("server.pem"), key: file("server.key") }
    }
}

fn openssl(folder: &Path, arguments: &str) {
    run(Command::new(program("openssl", "openssl")).current_dir(folder).args(arguments.split(' ')));
}
