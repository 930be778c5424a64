//! A client over a bare socket: it sends what it is told, right or wrong.

use std::{io, net::SocketAddr, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// When a test gives up.
pub const DEADLINE: Duration = Duration::from_secs(20);

pub struct Client {
    pub stream: TcpStream,
    unread: Vec<u8>,
}

#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// In small letters.
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|it| it.split_once(": "));
        lines.filter(|(it, _)| *it == name).map(|(_, value)| value).next()
    }

    pub fn says_close(&self) -> bool {
        self.header("connection") == Some("close")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// A problem of this kind, with this status, that says this.
    #[track_caller]
    pub fn is_problem(&self, status: u16, kind: &str, says: &str) {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["type"], format!("/problems/{kind}"), "{problem}");
        assert!(problem["detail"].as_str().unwrap().contains(says), "{problem}");
    }
}

impl Client {
    pub async fn to(address: SocketAddr) -> Self {
        Self::try_to(address).await.unwrap()
    }

    pub async fn try_to(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, unread: Vec::new() })
    }

    pub async fn get(&mut self, path: &str) -> Answer {
        self.try_ask("GET", path, &[], "").await.unwrap()
    }

    pub async fn post(&mut self, path: &str, body: &Value) -> Answer {
        self.try_ask("POST", path, &[], &body.to_string()).await.unwrap()
    }

    pub async fn ask(&mut self, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
        self.try_ask(method, path, headers, body).await.unwrap()
    }

    pub async fn try_ask(
        &mut self,
        method: &str,
        path: &str,
        headers: &[&str],
        body: &str,
    ) -> io::Result<Answer> {
        let mut text = format!("{method} {path} HTTP/1.1\r\nHost: yard\r\nAccept-Language: en\r\n");
        for header in headers {
            text += header;
            text += "\r\n";
        }
        if !body.is_empty() {
            text += "Content-Type: application/json\r\nContent-Length: ";
            text += &body.len().to_string();
            text += "\r\n";
        }
        text += "\r\n";
        text += body;
        self.send(text.as_bytes()).await?;
        self.answer().await
    }

    pub async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.stream.write_all(bytes).await
    }

    /// The next answer; without a length it has no body, or one in chunks.
    pub async fn answer(&mut self) -> io::Result<Answer> {
        timeout(DEADLINE, async {
            let head = self.head().await?;
            let answer = Answer { status: head[9..12].parse().unwrap(), head, body: String::new() };
            if answer.header("transfer-encoding") == Some("chunked") {
                let mut body = String::new();
                while let Some(chunk) = self.chunk().await? {
                    body += &chunk;
                }
                return Ok(Answer { body, ..answer });
            }
            let length = answer.header("content-length").map_or(0, |it| it.parse().unwrap());
            self.read_until(|bytes| (bytes.len() >= length).then_some(0)).await?;
            let body = String::from_utf8_lossy(&self.unread[..length]).into_owned();
            self.unread.drain(..length);
            Ok(Answer { body, ..answer })
        })
        .await?
    }

    /// The head of the next answer, in small letters.
    pub async fn head(&mut self) -> io::Result<String> {
        let end = self.read_until(|bytes| find(bytes, b"\r\n\r\n")).await? + 4;
        let head = String::from_utf8_lossy(&self.unread[..end]).to_lowercase();
        self.unread.drain(..end);
        Ok(head)
    }

    /// The next chunk of a body; nothing at its end.
    pub async fn chunk(&mut self) -> io::Result<Option<String>> {
        let end = self.read_until(|bytes| find(bytes, b"\r\n")).await?;
        let size = std::str::from_utf8(&self.unread[..end]).unwrap();
        let size = usize::from_str_radix(size, 16).unwrap();
        self.unread.drain(..end + 2);
        self.read_until(|bytes| (bytes.len() >= size + 2).then_some(0)).await?;
        let chunk = String::from_utf8_lossy(&self.unread[..size]).into_owned();
        self.unread.drain(..size + 2);
        Ok((size > 0).then_some(chunk))
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

    /// Reads on until the other side closes; what was still said.
    pub async fn closed(mut self) -> Vec<u8> {
        let end = async {
            // A reset is a close too.
            while self.stream.read_buf(&mut self.unread).await.is_ok_and(|count| count > 0) {}
        };
        timeout(DEADLINE, end).await.expect("the connection is closed");
        self.unread
    }
}

pub fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// Waits until it is so.
pub async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    let wait = async {
        while !so().await {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, wait).await.unwrap_or_else(|_| panic!("not in time: {what}"));
}
