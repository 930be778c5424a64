//! What a process says, passed on with its name in front.

use std::{io::Write as _, sync::Arc};

use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, BufReader},
    sync::watch,
};

/// Passes on the log of a process, a line at a time.
pub async fn pass_on(from: impl AsyncRead + Unpin, name: Option<Arc<str>>) {
    let mut lines = BufReader::new(from).split(b'\n');
    while let Ok(Some(line)) = lines.next_segment().await {
        let mut text = name.as_ref().map(|it| it.as_bytes().to_vec()).unwrap_or_default();
        text.extend_from_slice(&line);
        text.push(b'\n');
        // One write, so that lines of several processes do not mix. Where
        // nobody reads the log, work goes on.
        drop(std::io::stderr().write_all(&text));
    }
}

/// Reads what a process says when it serves; that it does is all that matters.
pub async fn hear_it_serve(from: impl AsyncRead + Unpin, is_up: Arc<watch::Sender<bool>>) {
    let mut lines = BufReader::new(from).split(b'\n');
    while let Ok(Some(_)) = lines.next_segment().await {
        is_up.send_replace(true);
    }
}
