//! A connection that is encrypted from its first byte, as lettre's connection takes it.
//!
//! lettre opens such a connection itself only with Nagle's algorithm on: the end of a message, a small packet, would then wait some 40 ms for the
//! acknowledgement of what goes before, each time. So the socket is opened here and lettre does the rest.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use futures_util::io::{AsyncRead as _, AsyncWrite as _};
use lettre::transport::smtp::Error;
#[expect(deprecated, reason = "the only way to lettre's TLS over a socket of our own; a change would not compile")]
use lettre::transport::smtp::client::AsyncNetworkStream;
use lettre::transport::smtp::client::{AsyncTokioStream, TlsParameters};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// A TLS stream over a socket of our own.
#[derive(Debug)]
pub struct Encrypted {
    #[expect(deprecated, reason = "see the import")]
    stream: AsyncNetworkStream,
}

impl Encrypted {
    /// Shakes hands, and verifies the relay's certificate.
    pub async fn over(socket: TcpStream, tls: TlsParameters) -> Result<Encrypted, Error> {
        #[expect(deprecated, reason = "see the import")]
        let mut stream = AsyncNetworkStream::use_existing_tokio1(Box::new(socket));
        stream.upgrade_tls(tls).await?;
        Ok(Encrypted { stream })
    }
}

impl AsyncTokioStream for Encrypted {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.stream.peer_addr()
    }
}

impl AsyncRead for Encrypted {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let stream = Pin::new(&mut self.get_mut().stream);
        let length = ready!(stream.poll_read(cx, buf.initialize_unfilled()))?;
        buf.advance(length);
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Encrypted {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_close(cx)
    }
}
