//! A stop that anybody can ask for and everybody hears: current messages are finished, the rest is given back.

use tokio::sync::watch;

/// Asks for the stop.
#[derive(Debug)]
pub struct Stopper(watch::Sender<bool>);

/// Hears of it. Clones hear the same.
#[derive(Debug, Clone)]
pub struct StopSignal(watch::Receiver<bool>);

/// A switch and its signal. A stopper that is dropped asks for nothing.
pub fn stop_switch() -> (Stopper, StopSignal) {
    let (sender, receiver) = watch::channel(false);
    (Stopper(sender), StopSignal(receiver))
}

impl Stopper {
    /// Asks everybody to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl StopSignal {
    /// Whether a stop was asked for.
    pub fn is_stopped(&self) -> bool {
        *self.0.borrow()
    }

    /// Returns when a stop is asked for, which may be never.
    pub async fn stopped(&mut self) {
        if self.0.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
