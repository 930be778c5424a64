//! Connections that never become a conversation.

use std::{
    io::ErrorKind,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    time::Duration,
};

use anyhow::Result;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    time::{Instant, sleep, timeout},
};

/// From how many addresses they come.
const ADDRESSES: u32 = 20;

/// Connects from one of many addresses of this machine, as strangers do.
pub async fn connect(number: u64, to: SocketAddr) -> std::io::Result<TcpStream> {
    let own = u8::try_from(number % u64::from(ADDRESSES)).unwrap_or_default();
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.set_recv_buffer_size(4_096)?;
    socket.bind(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(127, 0, 1, own + 1)), 0))?;
    socket.connect(to).await
}

/// How slowly somebody speaks, or listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slow {
    /// Not a byte is sent.
    Silent,
    /// A head that never ends, a byte a second.
    Head,
    /// A body that never ends, a byte a second.
    Body,
    /// One who asks and asks, and never reads.
    Reader,
}

impl Slow {
    /// Everyone there is.
    pub const ALL: [Self; 4] = [Self::Silent, Self::Head, Self::Body, Self::Reader];

    /// How soon such a connection must be closed.
    pub fn bound(self) -> Duration {
        match self {
            Self::Silent | Self::Head => Duration::from_secs(10),
            Self::Body | Self::Reader => Duration::from_secs(30),
        }
    }

    /// Holds a connection for as long as it is let; how long that was, or nothing when it was for
    /// longer than it may be.
    pub async fn hold(self, mut socket: TcpStream) -> Result<Option<Duration>> {
        let began = Instant::now();
        let end = began + self.bound() + Duration::from_secs(1);
        match self {
            Self::Silent => {}
            Self::Head => socket.write_all(b"GET / HTTP/1.1\r\nHost: madang\r\nX-Slow: ").await?,
            Self::Body => {
                let head = "POST /requests HTTP/1.1\r\nHost: madang\r\n\
                            Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";
                socket.write_all(head.as_bytes()).await?;
            }
            Self::Reader => return Self::never_reads(socket, end).await,
        }
        let drips = matches!(self, Self::Head | Self::Body);
        let mut bytes = [0; 1_024];
        while Instant::now() < end {
            match timeout(Duration::from_secs(1), socket.read(&mut bytes)).await {
                Ok(Ok(0) | Err(_)) => return Ok(Some(began.elapsed())),
                // To a connection that is closed nothing can be sent.
                Err(_) if drips && socket.write_all(b" ").await.is_err() => {
                    return Ok(Some(began.elapsed()));
                }
                // Nothing yet, or why it will be closed.
                Ok(Ok(_)) | Err(_) => {}
            }
        }
        Ok(None)
    }

    /// Asks for much without reading any of it, and looks at the end whether that was let pass.
    async fn never_reads(mut socket: TcpStream, end: Instant) -> Result<Option<Duration>> {
        let began = Instant::now();
        let ask = b"GET /openapi.json HTTP/1.1\r\nHost: madang\r\n\r\n".repeat(20);
        while Instant::now() < end {
            match timeout(Duration::from_secs(1), socket.write_all(&ask)).await {
                Ok(Err(_)) => return Ok(Some(began.elapsed())),
                Ok(Ok(())) => sleep(Duration::from_secs(1)).await,
                Err(_) => {}
            }
            // A reset is seen without reading.
            if socket.take_error()?.is_some() {
                return Ok(Some(began.elapsed()));
            }
        }
        // What is still on its way ends soon when it was closed, and never when it was not.
        let rest = async {
            let mut bytes = vec![0; 1 << 16];
            loop {
                match socket.read(&mut bytes).await {
                    Ok(0) => return,
                    Err(error) if error.kind() != ErrorKind::Interrupted => return,
                    _ => {}
                }
            }
        };
        Ok(timeout(Duration::from_secs(1), rest).await.ok().map(|()| end - began))
    }
}
