//! Topics are made with a stated number of partitions, or checked.

use std::{sync::Arc, time::Duration};

use rdkafka::{
    admin::{AdminClient, AdminOptions, NewTopic, TopicReplication},
    client::DefaultClientContext,
    consumer::{BaseConsumer, Consumer as _},
    types::RDKafkaErrorCode,
};
use runtime::Failure;

use crate::Inside;

/// How long a broker may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// Makes the topics of these journals, or checks those that are there.
pub async fn ready(inside: &Arc<Inside>, contexts: &[&'static str]) -> Result<(), Failure> {
    let away =
        |error: rdkafka::error::KafkaError| Failure::unavailable("the bus", error.to_string());
    let admin: AdminClient<DefaultClientContext> =
        inside.settings.client().create().map_err(away)?;
    let settings = &inside.settings;
    let names: Vec<_> = contexts.iter().map(|it| settings.topic(inside.system, it)).collect();
    let retention = settings.retention.to_string();
    let topics: Vec<_> = names
        .iter()
        .map(|name| {
            NewTopic::new(name, settings.partitions, TopicReplication::Fixed(settings.replicas))
                .set("retention.ms", &retention)
        })
        .collect();
    let options = AdminOptions::new().request_timeout(Some(PATIENCE));
    for made in admin.create_topics(&topics, &options).await.map_err(away)? {
        match made {
            Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
            Err((name, code)) => {
                return Err(Failure::unavailable("the bus", format!("{name}: {code}")));
            }
        }
    }
    let inside = Arc::clone(inside);
    let checked = tokio::task::spawn_blocking(move || check(&inside, &names)).await;
    checked.map_err(|error| Failure::fault(error.to_string()))?
}

/// A topic that is there already must be as ours would be.
fn check(inside: &Inside, names: &[String]) -> Result<(), Failure> {
    let away =
        |error: rdkafka::error::KafkaError| Failure::unavailable("the bus", error.to_string());
    let asking: BaseConsumer = inside.settings.client().create().map_err(away)?;
    for name in names {
        let found = asking.fetch_metadata(Some(name), PATIENCE).map_err(away)?;
        let partitions = found.topics().first().map_or(0, |topic| topic.partitions().len());
        let expected = usize::try_from(inside.settings.partitions).unwrap_or(0);
        if partitions == 0 {
            return Err(Failure::unavailable("the bus", format!("{name} is not there yet")));
        }
        if partitions != expected {
            return Err(Failure::fault(format!(
                "topic {name} has {partitions} partitions, and {expected} are set: with another \
                 number the order of a case would be lost"
            )));
        }
    }
    Ok(())
}
