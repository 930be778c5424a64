//! A client that can misbehave, and a server to misbehave against.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use rest::edge::drain::Drain;
use rest::edge::limits::Limits;
use rest::edge::listen::{Listener, listen};
use rest::edge::{Drained, Edge};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::timeout;

/// When a test gives up; far above every limit it sets.
pub const DEADLINE: Duration = Duration::from_secs(5);
pub const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

pub struct Running {
    pub address: SocketAddr,
    pub drain: Drain,
    stop: oneshot::Sender<()>,
    end: JoinHandle<Drained>,
}

impl Running {
    pub fn new(limits: Limits, router: Router) -> Self {
        Self::on(listen("127.0.0.1:0").unwrap(), limits, router)
    }

    pub fn on(listener: Listener, limits: Limits, router: Router) -> Self {
        let address = listener.address();
        let mut edge = Edge::new(limits);
        edge.serve(listener, router);
        Self::of(edge, address)
    }

    pub fn of(edge: Edge, address: SocketAddr) -> Self {
        let (stop, stopped) = oneshot::channel::<()>();
        let drain = edge.drain();
        let end = tokio::spawn(edge.run_until(async move {
            let _ = stopped.await;
        }));
        Self { address, drain, stop, end }
    }

    /// Begins the end; the answer comes when it is over.
    pub fn stop(self) -> JoinHandle<Drained> {
        self.stop.send(()).unwrap();
        self.end
    }
}

pub struct Client {
    pub stream: TcpStream,
    unread: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn says_close(&self) -> bool {
        self.head.contains("connection: close")
    }
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        Self::try_connect(address).await.unwrap()
    }

    pub async fn try_connect(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, unread: Vec::new() })
    }

    pub async fn send(&mut self, bytes: &[u8]) {
        self.stream.write_all(bytes).await.unwrap();
    }

    pub async fn get(&mut self) -> Answer {
        self.ask(GET).await.unwrap()
    }

    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.stream.write_all(request).await?;
        self.answer().await
    }

    /// The next answer; an answer without a length is one that this client does not know.
    pub async fn answer(&mut self) -> io::Result<Answer> {
        timeout(DEADLINE, async {
            let head_end = self.read_until(|bytes| find(bytes, b"\r\n\r\n")).await? + 4;
            let head = String::from_utf8_lossy(&self.unread[..head_end]).to_lowercase();
            let length = head.split("content-length: ").nth(1).and_then(|it| it.lines().next());
            let end = head_end + length.map_or(0, |it| it.parse::<usize>().unwrap());
            self.read_until(|bytes| (bytes.len() >= end).then_some(0)).await?;
            let body = String::from_utf8_lossy(&self.unread[head_end..end]).into_owned();
            self.unread.drain(..end);
            Ok(Answer { status: head[9..12].parse().unwrap(), head, body })
        })
        .await?
    }

    async fn read_until(&mut self, found: impl Fn(&[u8]) -> Option<usize>) -> io::Result<usize> {
        loop {
            if let Some(at) = found(&self.unread) {
                return Ok(at);
            }
            if self.stream.read_buf(&mut self.unread).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }

    /// Reads on until the server closes; what was still said.
    pub async fn closed(mut self) -> Vec<u8> {
        let end = async {
            // A reset is a close too.
            while self.stream.read_buf(&mut self.unread).await.is_ok_and(|count| count > 0) {}
        };
        timeout(DEADLINE, end).await.expect("the server closes the connection");
        self.unread
    }

    /// Whether the server has closed, without waiting for it.
    pub fn is_closed(&mut self) -> bool {
        match self.stream.try_read(&mut [0; 64]) {
            Ok(count) => count == 0,
            Err(error) => error.kind() != io::ErrorKind::WouldBlock,
        }
    }
}

pub fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}
