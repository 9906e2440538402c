//! What the integration tests share: private instances of real servers, and a relay that misbehaves on request.
//!
//! Every instance has a folder and ports of its own and ends with the value that stands for it, also when the test program is killed.
//! A server that is not installed fails the test and names the Debian package. Only `newsroom` knows the product.

pub mod chromium;
pub mod dovecot;
pub mod faulty_relay;
pub mod link;
pub mod maildir;
pub mod newsroom;
pub mod nginx;
pub mod opendkim;
pub mod postfix;
pub mod process;
pub mod small_disk;
pub mod smtp_sink;
pub mod tls;
pub mod unit;
