//! A mail relay inside the test program that misbehaves as told, and remembers everything it took.
//!
//! A message is remembered before its `250` is written: whoever got the answer is in the list, whatever was killed in between.

mod dialogue;

use dialogue::Dialogue;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

/// A moment of the SMTP dialogue, named by what the relay is about to answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// The first line, before the client has said anything.
    Greeting,
    /// `EHLO`.
    Ehlo,
    /// `MAIL FROM`.
    Mail,
    /// `RCPT TO`.
    Rcpt,
    /// The word `DATA`.
    Data,
    /// `BDAT`, of a relay that takes chunks; its octets are not looked at yet.
    Chunk,
    /// The end of the message, by its dot or by the last octet of its chunk; the message is remembered by then.
    Message,
    /// `QUIT`.
    Quit,
}

/// How a relay behaves. The default takes everything.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    hang_at: Option<Phase>,
    replies: Vec<Reply>,
    drops: usize,
    busy_after: Option<usize>,
    login: Option<(String, String)>,
    hang_on: Option<String>,
    chunks: bool,
}

#[derive(Debug, Clone)]
struct Reply {
    phase: Phase,
    recipient: Option<String>,
    line: String,
    times: usize,
}

impl Plan {
    /// Says nothing more once the dialogue has come to `phase`, until `Relay::release`: a relay that hangs, or with `Greeting` a slow one.
    pub fn hang_at(mut self, phase: Phase) -> Self {
        self.hang_at = Some(phase);
        self
    }

    /// Says nothing more on a connection once this recipient was named, until `Relay::release`.
    pub fn hang_on(mut self, recipient: &str) -> Self {
        self.hang_on = Some(recipient.to_owned());
        self
    }

    /// Offers CHUNKING (RFC 3030) and takes messages by their length.
    pub fn takes_chunks(mut self) -> Self {
        self.chunks = true;
        self
    }

    /// Answers `line`, such as `451 4.3.0 later`, instead of agreeing, the first `times` times that the dialogue comes to `phase`. An empty line hangs up.
    pub fn answer(mut self, phase: Phase, line: &str, times: usize) -> Self {
        self.replies.push(Reply { phase, recipient: None, line: line.to_owned(), times });
        self
    }

    /// Answers `line`, such as `550 5.1.1 no such user`, to the first `times` attempts to name `recipient`.
    pub fn refuse(mut self, recipient: &str, line: &str, times: usize) -> Self {
        self.replies.push(Reply {
            phase: Phase::Rcpt,
            recipient: Some(recipient.to_owned()),
            line: line.to_owned(),
            times,
        });
        self
    }

    /// Drops the connection instead of answering the final dot of the first `count` messages, which it has taken all the same.
    pub fn drop_after_data(mut self, count: usize) -> Self {
        self.drops = count;
        self
    }

    /// Answers 421 and hangs up when a connection has brought `count` messages and begins another.
    pub fn busy_after(mut self, count: usize) -> Self {
        self.busy_after = Some(count);
        self
    }

    /// Asks for a name and password, by PLAIN or LOGIN.
    pub fn login(mut self, name: &str, password: &str) -> Self {
        self.login = Some((name.to_owned(), password.to_owned()));
        self
    }

    /// Starts a relay that behaves like this.
    pub fn start(self) -> Relay {
        Relay::start(self, 0)
    }

    /// The same at a port that was `process::free_port`, for a relay that comes up late.
    pub fn start_at(self, port: u16) -> Relay {
        Relay::start(self, port)
    }
}

/// A message that the relay took.
#[derive(Debug, Clone)]
pub struct Received {
    /// The envelope's sender.
    pub sender: String,
    /// The envelope's recipients.
    pub recipients: Vec<String>,
    /// The header of that name, empty if there was none.
    pub message_id: String,
    /// The message as sent, without the dots that SMTP adds (RFC 5321, section 4.5.2).
    pub bytes: Vec<u8>,
    /// Whether the client was told that it was taken.
    pub answered: bool,
}

/// What has happened so far.
#[derive(Debug, Default)]
struct Seen {
    received: Vec<Received>,
    open: Vec<TcpStream>,
    connections: usize,
    current: usize,
    peak: usize,
    hanging: usize,
    goodbyes: usize,
    /// How often a recipient was named on whom the relay hangs.
    named: usize,
    released: bool,
    stopped: bool,
}

#[derive(Debug)]
struct Shared {
    plan: Mutex<Plan>,
    seen: Mutex<Seen>,
    changed: Condvar,
}

/// A running relay.
#[derive(Debug)]
pub struct Relay {
    shared: Arc<Shared>,
    listener: Option<JoinHandle<()>>,
    /// The port on 127.0.0.1; no TLS.
    pub port: u16,
}

impl Relay {
    fn start(plan: Plan, port: u16) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("loopback has free ports");
        let port = listener.local_addr().expect("it is bound").port();
        let shared = Arc::new(Shared { plan: Mutex::new(plan), seen: Mutex::default(), changed: Condvar::new() });
        let served = Arc::clone(&shared);
        let listener = thread::spawn(move || listen(&listener, &served));
        Self { shared, listener: Some(listener), port }
    }

    /// Every message taken so far, in the order of their final dots.
    pub fn received(&self) -> Vec<Received> {
        self.shared.seen().received.clone()
    }

    /// How many messages were taken so far.
    pub fn count(&self) -> usize {
        self.shared.seen().received.len()
    }

    /// Waits until `count` messages were taken.
    pub fn wait_for(&self, count: usize) -> Vec<Received> {
        self.shared.wait(|seen| seen.received.len() >= count).received.clone()
    }

    /// Waits until a connection hangs at the phase that the plan names.
    pub fn wait_until_hanging(&self) {
        drop(self.shared.wait(|seen| seen.hanging > 0));
    }

    /// How many connections have come to hang at the phase that the plan names.
    pub fn hanging(&self) -> usize {
        self.shared.seen().hanging
    }

    /// How many connections were taken leave of.
    pub fn goodbyes(&self) -> usize {
        self.shared.seen().goodbyes
    }

    /// How often the recipient on whom the relay hangs was named.
    pub fn named(&self) -> usize {
        self.shared.seen().named
    }

    /// Lets those that hang go on, and none hang from now on.
    pub fn release(&self) {
        self.shared.seen().released = true;
        self.shared.changed.notify_all();
    }

    /// How many connections there were in all.
    pub fn connections(&self) -> usize {
        self.shared.seen().connections
    }

    /// The most connections that were open at one time.
    pub fn peak_connections(&self) -> usize {
        self.shared.seen().peak
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        {
            let mut seen = self.shared.seen();
            seen.stopped = true;
            seen.released = true;
            seen.open.drain(..).for_each(|stream| drop(stream.shutdown(Shutdown::Both)));
        }
        self.shared.changed.notify_all();
        // Wakes the listener, which then sees that it is over.
        drop(TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))));
        self.listener.take().map(JoinHandle::join);
    }
}

impl Shared {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait(&self, until: impl Fn(&Seen) -> bool) -> MutexGuard<'_, Seen> {
        self.changed.wait_while(self.seen(), |seen| !until(seen)).unwrap_or_else(PoisonError::into_inner)
    }

    fn plan(&self) -> MutexGuard<'_, Plan> {
        self.plan.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer that the plan has for this moment, used up by one.
    fn planned(&self, phase: Phase, recipient: Option<&str>) -> Option<String> {
        let mut plan = self.plan();
        let fits = |reply: &&mut Reply| {
            reply.times > 0
                && reply.phase == phase
                && (reply.recipient.is_none() || reply.recipient.as_deref() == recipient)
        };
        let reply = plan.replies.iter_mut().find(fits)?;
        reply.times -= 1;
        Some(reply.line.clone())
    }

    fn hang(&self, phase: Phase) {
        if self.plan().hang_at != Some(phase) {
            return;
        }
        self.hang_until_released();
    }

    fn hang_on(&self, recipient: &str) {
        if self.plan().hang_on.as_deref() == Some(recipient) {
            self.seen().named += 1;
            self.hang_until_released();
        }
    }

    fn hang_until_released(&self) {
        self.seen().hanging += 1;
        self.changed.notify_all();
        self.wait(|seen| seen.released).hanging -= 1;
    }

    fn remember(&self, received: Received) -> usize {
        let mut seen = self.seen();
        seen.received.push(received);
        self.changed.notify_all();
        seen.received.len() - 1
    }

    fn takes_and_drops(&self) -> bool {
        let mut plan = self.plan();
        let drops = plan.drops > 0;
        plan.drops = plan.drops.saturating_sub(1);
        drops
    }
}

fn listen(listener: &TcpListener, shared: &Arc<Shared>) {
    for stream in listener.incoming().flatten() {
        let mut seen = shared.seen();
        if seen.stopped {
            return;
        }
        seen.connections += 1;
        seen.current += 1;
        seen.peak = seen.peak.max(seen.current);
        seen.open.extend(stream.try_clone());
        drop(seen);
        let shared = Arc::clone(shared);
        thread::spawn(move || {
            // An error is a client that went away: its business, and the relay goes on.
            drop(Dialogue::new(&shared, stream).serve());
            shared.seen().current -= 1;
        });
    }
}
