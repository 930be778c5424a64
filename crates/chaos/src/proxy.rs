//! A way between a client and servers that can be made long, dead, torn or one-way, and that knows
//! which of the servers can be reached.

use std::{
    collections::VecDeque,
    io,
    net::SocketAddr,
    os::fd::AsFd,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use anyhow::Result;
use socket2::SockRef;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
    task::{AbortHandle, JoinHandle},
    time::{Instant, interval, sleep, timeout},
};

use crate::client::{Ask, Client};

/// How often the servers are asked whether they are ready, and how long that may take.
const LOOK: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(1));
/// After so many of them in a row that nothing was said to, nobody waits any longer.
const SILENT: u32 = 3;

/// What the way is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// As it should be.
    Fair,
    /// Everything arrives so much later.
    Late(Duration),
    /// Connections are taken, and nothing arrives any more.
    Hole,
    /// Every connection is reset.
    Torn,
    /// What the server says does not arrive, and its end is told at once.
    OneWay,
}

/// A way to one server or several.
#[derive(Debug)]
pub struct Way {
    /// Where it begins.
    pub address: SocketAddr,
    weather: watch::Sender<Weather>,
    ends: Arc<Ends>,
    tasks: Vec<JoinHandle<()>>,
}

/// The servers at its end.
#[derive(Debug)]
struct Ends {
    all: Vec<SocketAddr>,
    /// Those that are to be given something now.
    ready: watch::Sender<Vec<SocketAddr>>,
    next: AtomicUsize,
    /// When connections were asked for.
    asked: parking_lot::Mutex<VecDeque<Instant>>,
    /// The connections to each server, which are cut when it does not even say that it lives.
    open: parking_lot::Mutex<Vec<(SocketAddr, AbortHandle)>>,
}

impl Way {
    /// A way to this one.
    pub async fn to(server: SocketAddr) -> Result<Self> {
        Self::over(vec![server]).await
    }

    /// A way to whichever of these is ready, in turns.
    pub async fn to_ready_ones(servers: Vec<SocketAddr>) -> Result<Self> {
        let mut way = Self::over(servers).await?;
        for server in way.ends.all.clone() {
            way.tasks.push(tokio::spawn(Arc::clone(&way.ends).watch(server)));
        }
        Ok(way)
    }

    async fn over(servers: Vec<SocketAddr>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let weather = watch::Sender::new(Weather::Fair);
        let (next, asked, open) = Default::default();
        let ready = watch::Sender::new(servers.clone());
        let ends = Arc::new(Ends { all: servers, ready, next, asked, open });
        let accept = accept(listener, Arc::clone(&ends), weather.subscribe());
        Ok(Self { address, weather, ends, tasks: vec![tokio::spawn(accept)] })
    }

    /// From now on it is like this, for those who are on it too.
    pub fn becomes(&self, weather: Weather) {
        self.weather.send_replace(weather);
    }

    /// The most connections that were asked for within a second.
    pub fn most_in_a_second(&self) -> usize {
        let asked = self.ends.asked.lock();
        let second = Duration::from_secs(1);
        let within = asked.iter().enumerate().map(|(at, first)| {
            asked.iter().skip(at).take_while(|it| **it - *first < second).count()
        });
        within.max().unwrap_or_default()
    }

    /// Forgets the connections that were asked for so far.
    pub fn count_anew(&self) {
        self.ends.asked.lock().clear();
    }
}

impl Drop for Way {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
        self.ends.open.lock().iter().for_each(|(_, it)| it.abort());
    }
}

impl Ends {
    /// Asks one server again and again.
    async fn watch(self: Arc<Self>, server: SocketAddr) {
        let mut looks = interval(LOOK.0);
        let (mut client, mut silent) = (Client::new(false), 0);
        loop {
            looks.tick().await;
            let ask = Ask::get("/readyz");
            let answer = timeout(LOOK.1, client.send(server, &ask)).await;
            let is_ready = matches!(&answer, Ok(Ok(answer)) if answer.status == 200);
            self.ready.send_modify(|ready| {
                ready.retain(|it| *it != server);
                if is_ready {
                    ready.push(server);
                    ready.sort_unstable();
                }
            });
            silent = if answer.is_err() { silent + 1 } else { 0 };
            if silent >= SILENT {
                // It takes connections and says nothing: nobody should wait for it.
                let mut open = self.open.lock();
                open.iter().filter(|(end, _)| *end == server).for_each(|(_, it)| it.abort());
                open.retain(|(end, it)| *end != server && !it.is_finished());
            }
        }
    }

    /// A connection to one of them; the next one when the first cannot be reached.
    async fn connect(&self) -> io::Result<(SocketAddr, TcpStream)> {
        let ready = self.ready.borrow().clone();
        let mut last = io::Error::other("no server is ready");
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        for number in 0..ready.len() {
            let server = ready[(turn + number) % ready.len()];
            match TcpStream::connect(server).await {
                Ok(socket) => return Ok((server, socket)),
                Err(error) => last = error,
            }
        }
        Err(last)
    }
}

async fn accept(listener: TcpListener, ends: Arc<Ends>, weather: watch::Receiver<Weather>) {
    loop {
        let Ok((client, _)) = listener.accept().await else {
            sleep(Duration::from_millis(5)).await;
            continue;
        };
        ends.asked.lock().push_back(Instant::now());
        let (own, weather) = (Arc::clone(&ends), weather.clone());
        tokio::spawn(async move {
            let now = *weather.borrow();
            if now == Weather::Torn {
                return reset(&client);
            }
            // In a hole nobody is even asked.
            let mut clear = weather.clone();
            if clear.wait_for(|it| *it != Weather::Hole).await.is_err() {
                return;
            }
            let Ok((end, server)) = own.connect().await else {
                return reset(&client);
            };
            let carried = tokio::spawn(carry(client, server, weather));
            let mut open = own.open.lock();
            open.retain(|(_, it)| !it.is_finished());
            open.push((end, carried.abort_handle()));
        });
    }
}

/// Carries both ways until both have ended, or the way is torn.
async fn carry(client: TcpStream, server: TcpStream, weather: watch::Receiver<Weather>) {
    // A way that delays nothing must not wait for more.
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    let mut torn = weather.clone();
    let both = [client.as_fd().try_clone_to_owned(), server.as_fd().try_clone_to_owned()];
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let there = tokio::spawn(pump(from_client, to_server, weather.clone(), false));
    let back = tokio::spawn(pump(from_server, to_client, weather, true));
    let (stop_there, stop_back) = (there.abort_handle(), back.abort_handle());
    let _guard = Stop([stop_there, stop_back]);
    tokio::select! {
        _ = async { (there.await, back.await) } => {}
        _ = torn.wait_for(|it| *it == Weather::Torn) => {
            for socket in both.into_iter().flatten() {
                reset(&socket);
            }
        }
    }
}

/// What is no longer waited for goes no further.
struct Stop([AbortHandle; 2]);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.iter().for_each(AbortHandle::abort);
    }
}

async fn pump(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut weather: watch::Receiver<Weather>,
    is_back: bool,
) -> io::Result<()> {
    let mut bytes = vec![0; 1 << 14];
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read?,
            _ = weather.wait_for(|it| is_back && *it == Weather::OneWay) => 0,
        };
        let now = *weather.borrow();
        if let Weather::Late(by) = now {
            sleep(by).await;
        }
        if weather.wait_for(|it| *it != Weather::Hole).await.is_err() || read == 0 {
            return to.shutdown().await;
        }
        to.write_all(&bytes[..read]).await?;
    }
}

/// Closed so that the other side hears of it as an error.
fn reset(socket: &impl AsFd) {
    // Without a farewell; where that cannot be set, it is closed as usual.
    drop(SockRef::from(socket).set_linger(Some(Duration::ZERO)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_is_late_arrives_later_and_what_falls_into_a_hole_when_it_is_filled() {
        let way = Way::to(echo().await).await.unwrap();
        let mut socket = TcpStream::connect(way.address).await.unwrap();
        assert!(said(&mut socket).await.is_ok());
        way.becomes(Weather::Late(Duration::from_millis(60)));
        let began = Instant::now();
        assert!(said(&mut socket).await.is_ok());
        assert!(began.elapsed() >= Duration::from_millis(120), "there and back");
        way.becomes(Weather::Hole);
        let lost = timeout(Duration::from_millis(100), said(&mut socket)).await;
        assert!(lost.is_err());
        way.becomes(Weather::Fair);
        let mut bytes = [0; 4];
        socket.read_exact(&mut bytes).await.unwrap();
        assert_eq!(&bytes, b"ping");
    }

    #[tokio::test]
    async fn what_is_torn_is_an_error_and_what_is_one_way_an_end() {
        let way = Way::to(echo().await).await.unwrap();
        let mut torn = TcpStream::connect(way.address).await.unwrap();
        assert!(said(&mut torn).await.is_ok());
        way.becomes(Weather::Torn);
        assert!(said(&mut torn).await.is_err());
        let mut refused = TcpStream::connect(way.address).await.unwrap();
        assert!(said(&mut refused).await.is_err());
        way.becomes(Weather::Fair);
        let mut half = TcpStream::connect(way.address).await.unwrap();
        assert!(said(&mut half).await.is_ok());
        way.becomes(Weather::OneWay);
        let mut bytes = [0; 4];
        assert_eq!(half.read(&mut bytes).await.unwrap(), 0);
        assert!(half.write_all(b"ping").await.is_ok());
    }

    #[tokio::test]
    async fn one_that_cannot_be_reached_is_passed_over() {
        let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let way = Way::over(vec![gone, echo().await]).await.unwrap();
        for _ in 0..4 {
            let mut socket = TcpStream::connect(way.address).await.unwrap();
            assert!(said(&mut socket).await.is_ok());
        }
        assert_eq!(way.most_in_a_second(), 4);
    }

    async fn said(socket: &mut TcpStream) -> io::Result<()> {
        socket.write_all(b"ping").await?;
        let mut bytes = [0; 4];
        socket.read_exact(&mut bytes).await.map(drop)
    }

    async fn echo() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = socket.into_split();
                    tokio::io::copy(&mut from, &mut to).await
                });
            }
        });
        address
    }
}
