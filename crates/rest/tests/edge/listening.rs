//! A port that cannot be opened is explained in one sentence.

use std::net::SocketAddr;

use rest::edge::listen::{ListenError, listen, listen_shared};

#[tokio::test]
async fn port_0_becomes_a_real_port() {
    let listener = listen("localhost:0").unwrap();
    assert!(listener.address().ip().is_loopback() && listener.address().port() != 0);
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_it() {
    let first = listen("127.0.0.1:0").unwrap();
    let address = first.address().to_string();
    for error in [listen(&address).unwrap_err(), listen_shared(&address).unwrap_err()] {
        let sentence =
            format!("cannot listen on {address}: another program is already using this port");
        assert_eq!(error.to_string(), sentence);
    }
    drop(first);
    listen(&address).unwrap();
}

#[tokio::test]
async fn a_shared_port_can_be_opened_again_but_only_to_share_it() {
    let first = listen_shared("127.0.0.1:0").unwrap();
    let address = first.address().to_string();
    let second = listen_shared(&address).unwrap();
    assert_eq!(second.address(), first.address());
    assert!(matches!(listen(&address), Err(ListenError::InUse { .. })));
}

#[tokio::test]
async fn what_is_no_address_is_quoted() {
    for written in ["", "8080", "nowhere:80", "127.0.0.1", "127.0.0.1:99999"] {
        let sentence = listen(written).unwrap_err().to_string();
        assert!(sentence.starts_with(&format!("cannot listen on \"{written}\": an address is")));
    }
}

#[tokio::test]
async fn the_address_of_another_machine_is_named() {
    let sentence = listen("203.0.113.7:0").unwrap_err().to_string();
    assert_eq!(sentence, "cannot listen on 203.0.113.7:0: this machine does not have this address");
}

#[test]
fn a_forbidden_port_is_named() {
    let address = SocketAddr::from(([127, 0, 0, 1], 80));
    let sentence = ListenError::NotPermitted { address }.to_string();
    assert_eq!(
        sentence,
        "cannot listen on 127.0.0.1:80: this user is not permitted to use this port"
    );
}
