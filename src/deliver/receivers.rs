//! Who receives for the larger domains among the readers: those whose mail a large provider takes share its lane, and with it its pace. Where no name
//! server answers, each domain keeps its own pace.

use crate::domain::delivery::lane_of_receivers;
use crate::mail::dns::Dns;
use crate::store::{Store, StoreError};
use chrono::{DateTime, TimeDelta, Utc};

/// Domains with fewer readers are too small for a pace to matter.
const LEAST: u32 = 20;
/// An answer holds for so long.
const HOLDS: TimeDelta = TimeDelta::days(30);
/// Domains that are asked about at one time; the next day there may be more.
const AT_ONCE: u32 = 500;

/// What asking brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grouped {
    /// Domains that were asked about.
    pub asked: usize,
    /// Readers whose lane changed.
    pub moved: usize,
}

/// Asks about the domains for which it is time and groups their readers. Stops where no name server answers.
pub async fn group(store: &Store, dns: &Dns, now: DateTime<Utc>) -> Result<Grouped, StoreError> {
    let mut grouped = Grouped::default();
    for domain in store.domains_to_ask(LEAST, now - HOLDS, AT_ONCE)? {
        match dns.receivers(&domain).await {
            Ok(receivers) => store.put_receiver(&domain, lane_of_receivers(&receivers), now)?,
            Err(error) => {
                tracing::info!("readers are not grouped by who receives for them: {error}");
                break;
            }
        }
        grouped.asked += 1;
    }
    if grouped.asked > 0 {
        grouped.moved = store.follow_receivers()?;
    }
    Ok(grouped)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mail::dns::tests::name_server;
    use crate::store::seeds::{in_lane, noon, subscribers};

    #[tokio::test]
    async fn a_company_whose_mail_a_large_provider_takes_shares_its_lane() {
        let store = Store::in_memory().unwrap();
        subscribers(&store, 60);
        let server = name_server("example.org", &["example-org.mail.protection.outlook.com."]);
        let dns = Dns::new(Some(server)).unwrap();
        assert_eq!(group(&store, &dns, noon()).await.unwrap(), Grouped { asked: 1, moved: 40 });
        assert_eq!(group(&store, &dns, noon()).await.unwrap(), Grouped::default(), "the answer holds for a while");
        assert_eq!(in_lane(&store, 2), 40);
    }

    #[tokio::test]
    async fn without_a_name_server_everybody_stays() {
        let store = Store::in_memory().unwrap();
        subscribers(&store, 60);
        let nobody = std::net::UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let dns = Dns::new(Some(nobody)).unwrap();
        assert_eq!(group(&store, &dns, noon()).await.unwrap(), Grouped::default());
    }
}
