//! Opens a port, or says in one sentence why it cannot be opened.

use std::io;
use std::net::SocketAddr;

#[cfg(target_os = "linux")]
use socket2::{SockFilter, SockRef};
use tokio::net::{TcpListener, TcpSocket};

/// Connections the kernel keeps for us between two turns of the accept loop.
const BACKLOG: u32 = 1_024;

/// An open port, not yet served.
#[derive(Debug)]
pub struct Listener {
    pub(super) socket: TcpListener,
    address: SocketAddr,
}

impl Listener {
    /// The real address: the port the kernel chose, where port 0 was asked for.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

/// Why a port cannot be opened; each text is a sentence for the person who starts the program.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error(
        "cannot listen on \"{address}\": an address is written like 127.0.0.1:8080 or [::1]:8080"
    )]
    BadAddress { address: String },
    #[error("cannot listen on {address}: another program is already using this port")]
    InUse { address: SocketAddr },
    #[error("cannot listen on {address}: this user is not permitted to use this port")]
    NotPermitted { address: SocketAddr },
    #[error("cannot listen on {address}: this machine does not have this address")]
    NotHere { address: SocketAddr },
    #[error("cannot listen on {address}: the system refused ({source})")]
    Refused { address: SocketAddr, source: io::Error },
}

/// Opens a port for this process alone. Must be called inside the runtime that will serve it.
///
/// # Errors
/// The address is not one, or the system does not give it to us.
pub fn listen(address: &str) -> Result<Listener, ListenError> {
    open(address, false)
}

/// Opens a port that other processes of the same user may open too, in the same way: the new one
/// starts before the old one stops. Where the system cannot share ports this is [`listen`].
///
/// # Errors
/// As [`listen`]; the port is also in use when its first owner does not share it.
pub fn listen_shared(address: &str) -> Result<Listener, ListenError> {
    open(address, true)
}

fn open(written: &str, shared: bool) -> Result<Listener, ListenError> {
    let address = parse(written)?;
    let refused = |source| refusal(address, source);
    let socket = bind(address, shared).map_err(refused)?;
    let real = socket.local_addr().map_err(refused)?;
    Ok(Listener { socket, address: real })
}

fn parse(written: &str) -> Result<SocketAddr, ListenError> {
    let bad = |_| ListenError::BadAddress { address: written.to_owned() };
    match written.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}").parse().map_err(bad),
        None => written.parse().map_err(bad),
    }
}

fn bind(address: SocketAddr, shared: bool) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
    // Restarting must not wait for old connections to be forgotten. On Windows the same option
    // means that anyone may take the port, so it stays off there.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    #[cfg(unix)]
    socket.set_reuseport(shared)?;
    #[cfg(not(unix))]
    let _ = shared;
    socket.bind(address)?;
    socket.listen(BACKLOG)
}

fn refusal(address: SocketAddr, source: io::Error) -> ListenError {
    match source.kind() {
        io::ErrorKind::AddrInUse => ListenError::InUse { address },
        io::ErrorKind::PermissionDenied => ListenError::NotPermitted { address },
        io::ErrorKind::AddrNotAvailable => ListenError::NotHere { address },
        _ => ListenError::Refused { address, source },
    }
}

/// Drops the first packet of every new connection from now on; whether the system can do that.
#[cfg(target_os = "linux")]
pub(super) fn hold_newcomers_off(listener: &TcpListener) -> bool {
    /// Load the byte with the flags of the segment, look for SYN, drop or keep.
    const NO_SYN: [(u16, u8, u8, u32); 4] =
        [(0x30, 0, 0, 13), (0x45, 0, 1, 0x02), (0x06, 0, 0, 0), (0x06, 0, 0, u32::MAX)];
    let program = NO_SYN.map(|(code, if_so, if_not, k)| SockFilter::new(code, if_so, if_not, k));
    SockRef::from(listener).attach_filter(&program).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn hold_newcomers_off(_: &TcpListener) -> bool {
    false
}
