//! How a command ends: with a code that a script can act on, and one line that
//! a person can.

use std::{
    fmt::{self, Display},
    io::{self, ErrorKind, Write},
    process::ExitCode,
};

use anyhow::Error;

/// Why a command did not do what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    /// The server answered, and the answer is bad.
    Bad = 1,
    /// The command line or a setting is wrong.
    Usage = 2,
    /// The server cannot be reached, or cannot do it now.
    Unavailable = 69,
    /// We are wrong.
    Internal = 70,
    /// The data directory cannot be used.
    Data = 73,
    /// The port is in use, or not ours to use.
    Port = 75,
}

/// A command that did not do what it was asked.
#[derive(Debug)]
pub struct Stop {
    code: Code,
    cause: Error,
}

/// What a command comes to.
pub type Outcome<T = ()> = Result<T, Stop>;

/// Gives a failure the code that a script acts on.
pub trait OrStop<T> {
    /// Ends the command with this code.
    ///
    /// # Errors
    ///
    /// When there is a failure.
    fn or_stop(self, code: Code) -> Outcome<T>;
}

/// Printed under `--help`.
pub const CODES: &str = "\
Exit codes:
   0  done
   1  the server answered, and the answer is bad: refused, or the ledger does not add up
   2  the command line or a setting is wrong
  69  the server cannot be reached, or cannot do it now
  70  a fault of the program itself
  73  the data cannot be used: locked, not writable, damaged, out of reach, or from a newer
      version
  75  the port is in use, or this user may not use it";

/// Prints.
///
/// # Errors
///
/// When nobody reads it any more.
pub fn print(text: impl Display) -> Outcome {
    let mut out = io::stdout().lock();
    write!(out, "{text}").and_then(|()| out.flush()).or_stop(Code::Internal)
}

impl Stop {
    /// Ends the command with this code and this line.
    pub fn new(code: Code, line: impl Display) -> Self {
        Self { code, cause: Error::msg(line.to_string()) }
    }

    /// Says why, and ends. Who closed the pipe has read enough.
    #[must_use]
    pub fn say(&self) -> ExitCode {
        let cause = self.cause.downcast_ref::<io::Error>();
        if cause.is_some_and(|it| it.kind() == ErrorKind::BrokenPipe) {
            return ExitCode::SUCCESS;
        }
        eprintln!("madang: {self}");
        ExitCode::from(self.code as u8)
    }
}

impl<T, E: Into<Error>> OrStop<T> for Result<T, E> {
    fn or_stop(self, code: Code) -> Outcome<T> {
        self.map_err(|error| Stop { code, cause: error.into() })
    }
}

impl From<Error> for Stop {
    fn from(cause: Error) -> Self {
        Self { code: Code::Internal, cause }
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#}", self.cause)
    }
}
