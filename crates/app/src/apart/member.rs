//! One process: started, started again when it ends, and asked to end.

use std::{
    path::PathBuf,
    process::{ExitStatus, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::{
    process::{Child, ChildStdin, Command},
    sync::watch,
    time::{Instant, sleep, timeout},
};

use super::{
    Word,
    plan::{Place, Plan},
    voice,
};
use crate::{
    exit::{Code, OrStop, Outcome, Stop},
    settings::all,
};

/// After how long it is started again, the first time and at the most.
const WAIT: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(10));
/// Whoever has lived so long starts from the shortest wait again.
const WELL: Duration = Duration::from_secs(10);
/// How long it may take to end.
const PATIENCE: Duration = Duration::from_secs(30);

/// One process.
pub struct Member {
    program: PathBuf,
    args: Vec<String>,
    name: &'static str,
    /// What stands before its lines.
    prefix: Option<Arc<str>>,
    is_up: Arc<watch::Sender<bool>>,
}

impl Member {
    /// The one that serves a context.
    pub fn serving(plan: &Plan, place: &Place, is_up: watch::Sender<bool>) -> Outcome<Self> {
        let Place { context, address } = place;
        let words = ["serve", plan.system, "--context", context, "--listen", address];
        Self::of(plan, context, &words, is_up)
    }

    /// The one that stands in front of them.
    pub fn gateway(plan: &Plan, is_up: watch::Sender<bool>) -> Outcome<Self> {
        Self::of(plan, "gateway", &["gateway", plan.system], is_up)
    }

    /// One that is given the settings of all, ends with its input, and says
    /// something on its output when it serves.
    fn of(
        plan: &Plan,
        name: &'static str,
        words: &[&str],
        is_up: watch::Sender<bool>,
    ) -> Outcome<Self> {
        let file = plan.file.display().to_string();
        let words = words.iter().copied().chain(["--config", &file, "--tethered"]);
        let prefix = format!("{} | ", crate::columns::padded(name, 9, false));
        Ok(Self {
            program: std::env::current_exe().or_stop(Code::Internal)?,
            args: words.map(str::to_owned).collect(),
            name,
            prefix: (!plan.is_json).then(|| prefix.into()),
            is_up: Arc::new(is_up),
        })
    }

    /// Until it is asked to end, or can never start.
    pub async fn run(self, mut word: watch::Receiver<Word>) -> Outcome {
        let mut wait = WAIT.0;
        while *word.borrow() == Word::Go {
            let since = Instant::now();
            let mut child = self.start()?;
            // Whoever waits for a process closes its input, and that means the end.
            let tether = child.stdin.take();
            let ended = tokio::select! {
                status = child.wait() => Some(status.or_stop(Code::Internal)?),
                _ = word.wait_for(|it| *it != Word::Go) => None,
            };
            match ended {
                Some(status) => self.ended(status)?,
                None => return self.end((child, tether), word).await,
            }
            if since.elapsed() > WELL {
                wait = WAIT.0;
            }
            tokio::select! {
                () = sleep(wait) => wait = (wait * 2).min(WAIT.1),
                _ = word.wait_for(|it| *it != Word::Go) => {}
            }
        }
        Ok(())
    }

    fn start(&self) -> Outcome<Child> {
        let mut command = Command::new(&self.program);
        command.args(&self.args).stdin(Stdio::piped()).kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        for setting in all() {
            command.env_remove(setting.env); // all of it is in the file
        }
        // Who ends all of us at the terminal asks us, and we ask them.
        #[cfg(unix)]
        command.process_group(0);
        let mut child = command.spawn().or_stop(Code::Internal)?;
        tracing::info!(context = self.name, process = child.id(), "started");
        if let Some(log) = child.stderr.take() {
            tokio::spawn(voice::pass_on(log, self.prefix.clone()));
        }
        if let Some(out) = child.stdout.take() {
            tokio::spawn(voice::hear_it_serve(out, Arc::clone(&self.is_up)));
        }
        Ok(child)
    }

    /// It has ended by itself. What can never start is not tried again.
    fn ended(&self, status: ExitStatus) -> Outcome {
        let codes = [Code::Usage, Code::Data, Code::Port];
        let code = codes.into_iter().find(|it| status.code() == Some(*it as i32));
        if let (Some(code), false) = (code, *self.is_up.borrow()) {
            let name = self.name;
            return Err(Stop::new(code, format!("{name} cannot be served; its own line says why")));
        }
        tracing::warn!(context = self.name, %status, "ended by itself; it is started again");
        Ok(())
    }

    /// Its input is closed, by which it knows that it is to end.
    async fn end(
        &self,
        (mut child, tether): (Child, Option<ChildStdin>),
        mut word: watch::Receiver<Word>,
    ) -> Outcome {
        drop(tether);
        tokio::select! {
            _ = timeout(PATIENCE, child.wait()) => {}
            _ = word.wait_for(|it| *it == Word::Now) => {}
        }
        let status = child.try_wait().or_stop(Code::Internal)?;
        if status.is_some_and(|it| it.success()) {
            return Ok(());
        }
        // It may just have ended.
        drop(child.kill().await);
        let how = status.map_or_else(|| "it had to be cut off".to_owned(), |it| it.to_string());
        Err(Stop::new(Code::Internal, format!("{} has not ended well: {how}", self.name)))
    }
}
