//! A network link between the program and a relay that is cut or falls silent in the middle of anything. Forwards bytes and knows no SMTP.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

/// What becomes of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is cut after so many bytes from the program.
    Cut(usize),
    /// After so many bytes from the program nothing passes any more, either way, and neither end is told.
    Silent(usize),
    /// It is cut after so many bytes from the relay.
    ReplyCut(usize),
    /// After so many bytes from the relay nothing passes any more, either way, and neither end is told.
    ReplySilent(usize),
}

/// A link to a port on this machine; it ends with this value.
pub struct Link {
    /// Its own port.
    pub port: u16,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    /// Of the connections to come; those beyond them last.
    fates: Mutex<VecDeque<Fate>>,
    open: Mutex<Vec<TcpStream>>,
    is_over: AtomicBool,
    /// Bytes from the program, and from the relay.
    passed: [AtomicUsize; 2],
}

impl Link {
    /// A link whose first connections have these fates.
    pub fn to(port: u16, fates: impl IntoIterator<Item = Fate>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
        let own = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared { fates: Mutex::new(fates.into_iter().collect()), ..Shared::default() });
        let serving = Arc::clone(&shared);
        thread::spawn(move || {
            for near in listener.incoming().flatten() {
                if serving.is_over.load(Ordering::SeqCst) {
                    return;
                }
                serving.connect(&near, port);
            }
        });
        Self { port: own, shared }
    }

    /// How many fates have not been met yet.
    pub fn fates_left(&self) -> usize {
        self.shared.fates().len()
    }

    /// How many bytes came from the program, and from the relay.
    pub fn passed(&self) -> [usize; 2] {
        [0, 1].map(|way| self.shared.passed[way].load(Ordering::SeqCst))
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        let open = std::mem::take(&mut *self.shared.open.lock().unwrap_or_else(PoisonError::into_inner));
        open.into_iter().for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
        // Wakes the listener, which then sees that it is over.
        drop(TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))));
    }
}

impl Shared {
    fn fates(&self) -> MutexGuard<'_, VecDeque<Fate>> {
        self.fates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn connect(self: &Arc<Self>, near: &TcpStream, port: u16) {
        let Ok(far) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else { return };
        let fate = self.fates().pop_front();
        let clones = [near, &far, near, &far, near, &far].map(TcpStream::try_clone);
        let [Ok(near_in), Ok(far_out), Ok(near_out), Ok(far_in), Ok(near_kept), Ok(far_kept)] = clones else { return };
        self.open.lock().unwrap_or_else(PoisonError::into_inner).extend([near_kept, far_kept]);
        let is_silent = Arc::new(AtomicBool::new(false));
        let silent = Arc::clone(&is_silent);
        let [there, back] = fate.map_or([None, None], Fate::ends);
        let (shared, counting) = (Arc::clone(self), Arc::clone(self));
        thread::spawn(move || forward(near_in, far_out, there, &silent, &shared.passed[0]));
        thread::spawn(move || forward(far_in, near_out, back, &is_silent, &counting.passed[1]));
    }
}

/// Where one direction of a connection ends, and whether anybody is told.
#[derive(Debug, Clone, Copy)]
struct End {
    after: usize,
    is_silent: bool,
}

impl Fate {
    /// Where it ends the direction from the program, and that from the relay.
    fn ends(self) -> [Option<End>; 2] {
        let end = |after, is_silent| Some(End { after, is_silent });
        match self {
            Fate::Cut(bytes) => [end(bytes, false), None],
            Fate::Silent(bytes) => [end(bytes, true), None],
            Fate::ReplyCut(bytes) => [None, end(bytes, false)],
            Fate::ReplySilent(bytes) => [None, end(bytes, true)],
        }
    }
}

/// One direction, until its end or that of the connection; once the link is silent, what comes is thrown away.
fn forward(mut from: TcpStream, mut to: TcpStream, end: Option<End>, is_silent: &AtomicBool, passed: &AtomicUsize) {
    let mut left = end.map_or(usize::MAX, |end| end.after);
    let mut buffer = [0; 4096];
    while left > 0 {
        let most = buffer.len().min(left);
        let Ok(read) = from.read(&mut buffer[..most]) else { break };
        if read == 0 || (!is_silent.load(Ordering::SeqCst) && to.write_all(&buffer[..read]).is_err()) {
            break;
        }
        passed.fetch_add(read, Ordering::SeqCst);
        left -= read;
    }
    if left == 0 && end.is_some_and(|end| end.is_silent) {
        is_silent.store(true, Ordering::SeqCst);
    } else if !is_silent.load(Ordering::SeqCst) {
        for stream in [from, to] {
            drop(stream.shutdown(Shutdown::Both));
        }
    }
}
