//! One connection to a replica. Whoever uses it carries it on in the same task, so that no other
//! has to be woken for it; while nobody uses it, it rests.

use std::{
    fmt,
    future::poll_fn,
    io,
    net::SocketAddr,
    pin::{Pin, pin},
    task::{Context, Poll},
};

use hyper::{
    Request, Response,
    body::Incoming,
    client::conn::http1::{Connection, SendRequest, handshake},
};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::upload::Upload;

/// One connection to a replica.
pub struct Wire {
    sender: SendRequest<Upload>,
    /// Until it has ended.
    connection: Option<Carrier>,
}

type Carrier = Pin<Box<Connection<TokioIo<TcpStream>, Upload>>>;

/// Why there is no answer.
#[derive(Debug)]
pub enum Fault {
    /// Nothing was sent, so that nothing can have happened.
    NotSent,
    /// The connection broke off before an answer came; the request may have been understood.
    Broken(hyper::Error),
    /// There was no answer in time.
    TooLate,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent => f.write_str("nothing was sent"),
            Self::Broken(error) => write!(f, "broken off: {error}"),
            Self::TooLate => f.write_str("no answer in time"),
        }
    }
}

impl Wire {
    /// A new one.
    ///
    /// # Errors
    ///
    /// When nobody takes it.
    pub async fn open(to: SocketAddr) -> io::Result<Self> {
        let socket = TcpStream::connect(to).await?;
        socket.set_nodelay(true)?;
        let (sender, connection) =
            handshake(TokioIo::new(socket)).await.map_err(io::Error::other)?;
        Ok(Self { sender, connection: Some(Box::pin(connection)) })
    }

    /// Whether it can take a request now: the last one is through, and the replica has not closed.
    pub async fn is_ready(&mut self) -> bool {
        poll_fn(|cx| {
            self.carry(cx);
            let ready = matches!(self.sender.poll_ready(cx), Poll::Ready(Ok(())));
            Poll::Ready(ready && !self.has_ended())
        })
        .await
    }

    /// Sends a request, and waits for the head of its answer.
    ///
    /// # Errors
    ///
    /// When there is none.
    pub async fn send(&mut self, request: Request<Upload>) -> Result<Response<Incoming>, Fault> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let connection = &mut self.connection;
        let answer = poll_fn(|cx| {
            carry(connection, cx);
            answer.as_mut().poll(cx)
        });
        answer.await.map_err(|mut error| match error.take_message() {
            Some(_) => Fault::NotSent,
            None => Fault::Broken(error.into_error()),
        })
    }

    /// Moves what can be moved; wakes the task when there is more.
    pub fn carry(&mut self, cx: &mut Context<'_>) {
        carry(&mut self.connection, cx);
    }

    /// Whether one of both sides has closed it.
    pub fn has_ended(&self) -> bool {
        self.connection.is_none()
    }
}

fn carry(connection: &mut Option<Carrier>, cx: &mut Context<'_>) {
    // How it ended is told to whoever waits for an answer.
    if connection.as_mut().is_some_and(|it| it.as_mut().poll(cx).is_ready()) {
        *connection = None;
    }
}
