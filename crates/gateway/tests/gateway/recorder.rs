//! A replica that records every byte it is sent, and answers as it is told.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst},
    },
};

use parking_lot::Mutex;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

use crate::client::find;

/// What it does when a request has arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// Says this, to the byte.
    Says(String),
    /// Closes without a word.
    Closes,
    /// Waits until it is let go on, and then says that all is well.
    Waits,
    /// Says nothing ever.
    IsSilent,
}

/// A replica that records every byte it is sent. Dropped, it is as if it had been killed.
pub struct Recorder {
    pub address: SocketAddr,
    inner: Arc<Inner>,
    accepting: JoinHandle<()>,
}

struct Inner {
    does: Mutex<Does>,
    ready: AtomicBool,
    /// Every request that is not about health, as it came.
    seen: Mutex<Vec<String>>,
    /// Every byte there was.
    bytes: Mutex<Vec<u8>>,
    connections: AtomicUsize,
    go_on: Notify,
    tasks: Mutex<Vec<JoinHandle<()>>>,
}

impl Recorder {
    /// Says that all is well.
    pub async fn new() -> Self {
        Self::that(Does::Says(well("{}"))).await
    }

    pub async fn that(does: Does) -> Self {
        Self::on(TcpListener::bind("127.0.0.1:0").await.unwrap(), does)
    }

    pub fn on(listener: TcpListener, does: Does) -> Self {
        let inner = Arc::new(Inner {
            does: Mutex::new(does),
            ready: AtomicBool::new(true),
            seen: Mutex::default(),
            bytes: Mutex::default(),
            connections: AtomicUsize::new(0),
            go_on: Notify::new(),
            tasks: Mutex::default(),
        });
        let address = listener.local_addr().unwrap();
        let own = Arc::clone(&inner);
        let accepting = tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                own.connections.fetch_add(1, SeqCst);
                let task = tokio::spawn(converse(socket, Arc::clone(&own)));
                own.tasks.lock().push(task);
            }
        });
        Self { address, inner, accepting }
    }

    pub fn does(&self, does: Does) {
        *self.inner.does.lock() = does;
    }

    pub fn is_ready(&self, ready: bool) {
        self.inner.ready.store(ready, SeqCst);
    }

    /// Every request that is not about health, as it came.
    pub fn seen(&self) -> Vec<String> {
        self.inner.seen.lock().clone()
    }

    /// Whether these bytes came, in a request or beside one.
    pub fn has_seen(&self, bytes: &[u8]) -> bool {
        find(&self.inner.bytes.lock(), bytes).is_some()
    }

    pub fn connections(&self) -> usize {
        self.inner.connections.load(SeqCst)
    }

    /// Lets one that waits go on.
    pub fn goes_on(&self) {
        self.inner.go_on.notify_one();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.accepting.abort();
        self.inner.tasks.lock().iter().for_each(JoinHandle::abort);
    }
}

pub fn well(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len())
}

async fn converse(mut socket: TcpStream, inner: Arc<Inner>) {
    let mut bytes = Vec::new();
    while let Some(request) = request(&mut socket, &mut bytes, &inner).await {
        if request.starts_with("GET /readyz ") {
            let ready = inner.ready.load(SeqCst);
            let not = "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n".to_owned();
            let answer = if ready { well("{}") } else { not };
            if socket.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
            continue;
        }
        inner.seen.lock().push(request);
        let does = inner.does.lock().clone();
        let answer = match does {
            Does::Says(answer) => answer,
            Does::Closes => return,
            Does::Waits => {
                inner.go_on.notified().await;
                well("{}")
            }
            Does::IsSilent => std::future::pending().await,
        };
        if socket.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
    }
}

/// The next request by its own framing; what follows stays in `bytes`.
async fn request(socket: &mut TcpStream, bytes: &mut Vec<u8>, inner: &Inner) -> Option<String> {
    loop {
        if let Some(end) = whole(bytes) {
            let request = bytes.drain(..end).collect();
            return String::from_utf8(request).ok();
        }
        let read = socket.read_buf(bytes).await.ok()?;
        inner.bytes.lock().extend_from_slice(&bytes[bytes.len() - read..]);
        if read == 0 {
            return None;
        }
    }
}

fn whole(bytes: &[u8]) -> Option<usize> {
    let head = find(bytes, b"\r\n\r\n")? + 4;
    let text = String::from_utf8_lossy(&bytes[..head]).to_lowercase();
    if text.contains("transfer-encoding: chunked") {
        return find(&bytes[head..], b"0\r\n\r\n").map(|it| head + it + 5);
    }
    let length = text.split("content-length: ").nth(1).and_then(|it| it.lines().next());
    let end = head + length.map_or(0, |it| it.parse::<usize>().unwrap());
    (bytes.len() >= end).then_some(end)
}
