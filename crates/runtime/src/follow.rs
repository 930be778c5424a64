//! Where several processes write to one database: hears what the others wrote,
//! also when there is nothing to write here.

use tokio::{task::JoinHandle, time::sleep};

use crate::{
    Failure, Runtime,
    end::{End, Ending},
};

/// One task for every context that others write to as well.
pub fn follow(runtime: &Runtime, stop: &End) -> Vec<JoinHandle<()>> {
    let shared = runtime.stores.iter().filter(|(_, store)| store.is_shared());
    let contexts: Vec<_> = shared.map(|(context, _)| *context).collect();
    let start = |context| tokio::spawn(look_often(runtime.clone(), context, stop.heard()));
    contexts.into_iter().map(start).collect()
}

async fn look_often(runtime: Runtime, context: &'static str, mut stop: Ending) {
    let mut away = false;
    while !stop.is_said() {
        // With jitter, so that many processes do not look at the same moment.
        let wait = runtime.settings.wait_after(1, runtime.chance.bits());
        let wait = wait.max(runtime.settings.follow / 2).min(runtime.settings.follow);
        tokio::select! {
            biased;
            () = stop.wait() => return,
            () = sleep(wait) => {}
        }
        let looked = look(&runtime, context).await;
        match &looked {
            Err(failure) if !away => {
                tracing::warn!(context, story = failure.story(), "others cannot be heard");
            }
            Ok(()) if away => tracing::info!(context, "others are heard again"),
            _ => {}
        }
        away = looked.is_err();
    }
}

/// Has the writer take a turn when there is something it has not heard of.
async fn look(runtime: &Runtime, context: &'static str) -> Result<(), Failure> {
    let head = runtime.store(context)?.heads(context)?.position;
    if head > runtime.tail(context)?.head() {
        runtime.writer(context)?.work(context, |_| Ok(())).await?;
    }
    Ok(())
}
