//! One keep-alive connection: HTTP/1.1 as far as answers with a length need it.

use std::{io, net::SocketAddr};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
};

/// One keep-alive connection.
#[derive(Debug)]
pub struct Wire {
    socket: TcpStream,
    bytes: Vec<u8>,
    have: usize,
    head: usize,
}

/// What came back; its text is read from the wire until the next request.
#[derive(Debug, Clone, Copy)]
pub struct Answer {
    /// The status.
    pub status: u16,
    length: usize,
}

impl Wire {
    /// Connects; `from` is which of this machine's own addresses.
    pub async fn open(to: SocketAddr, from: SocketAddr) -> io::Result<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(from)?;
        let socket = socket.connect(to).await?;
        socket.set_nodelay(true)?;
        Ok(Self { socket, bytes: vec![0; 16 * 1024], have: 0, head: 0 })
    }

    /// Sends a request, and waits for its answer.
    pub async fn ask(&mut self, request: &[u8]) -> io::Result<Answer> {
        self.socket.write_all(request).await?;
        self.have = 0;
        let mut seen = 0;
        let (head, status, length) = loop {
            self.read().await?;
            if let Some(end) = end_of_head(&self.bytes[seen..self.have]) {
                let head = seen + end;
                break (head, status(&self.bytes)?, length(&self.bytes[..head])?);
            }
            seen = self.have.saturating_sub(3);
        };
        self.head = head;
        while self.have < head + length {
            self.read().await?;
        }
        Ok(Answer { status, length })
    }

    /// A header of the last answer, by its name in small letters with the colon.
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = std::str::from_utf8(&self.bytes[..self.head]).ok()?;
        head.split("\r\n").find_map(|line| {
            let (found, rest) = line.split_at_checked(name.len())?;
            found.eq_ignore_ascii_case(name).then(|| rest.trim())
        })
    }

    /// The text of the last answer.
    pub fn text(&self, answer: Answer) -> &str {
        let text = &self.bytes[self.head..self.head + answer.length];
        std::str::from_utf8(text).unwrap_or_default()
    }

    async fn read(&mut self) -> io::Result<()> {
        if self.have == self.bytes.len() {
            self.bytes.resize(self.have * 2, 0);
        }
        match self.socket.read(&mut self.bytes[self.have..]).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            count => {
                self.have += count;
                Ok(())
            }
        }
    }
}

fn end_of_head(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|it| it == b"\r\n\r\n").map(|at| at + 4)
}

fn status(bytes: &[u8]) -> io::Result<u16> {
    let text = bytes.get(9..12).and_then(|it| std::str::from_utf8(it).ok());
    text.and_then(|it| it.parse().ok()).ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// An answer without a length has no text: nothing asked here is sent in pieces.
fn length(head: &[u8]) -> io::Result<usize> {
    const NAME: &[u8] = b"\ncontent-length: ";
    let at = head.windows(NAME.len()).position(|it| it.eq_ignore_ascii_case(NAME));
    let Some(at) = at else { return Ok(0) };
    let digits = head[at + NAME.len()..].split(|it| *it == b'\r').next().unwrap_or_default();
    let digits = std::str::from_utf8(digits).ok().and_then(|it| it.parse().ok());
    digits.ok_or_else(|| io::ErrorKind::InvalidData.into())
}
