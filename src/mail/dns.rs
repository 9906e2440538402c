//! What DNS says of mail: the text at a name, and who receives for a domain. Caches for as long as the answers allow; decides nothing.

use std::net::SocketAddr;
use std::time::Duration;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::NetError;
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use hickory_resolver::proto::rr::{RData, RecordType};

/// How long a name server may take; it is asked twice.
const PATIENCE: Duration = Duration::from_secs(3);

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("DNS could not be asked: {0}; check the name server in /etc/resolv.conf, or set mail.resolver")]
pub struct DnsError(String);

/// Asks a name server.
#[derive(Clone)]
pub struct Dns {
    resolver: TokioResolver,
}

impl std::fmt::Debug for Dns {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Dns")
    }
}

impl Dns {
    /// Asks this name server, or those of the system.
    pub fn new(server: Option<SocketAddr>) -> Result<Self, DnsError> {
        let failed = |error: NetError| DnsError(error.to_string());
        let mut builder = match server {
            Some(server) => {
                let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()].map(|mut connection| {
                    connection.port = server.port();
                    connection
                });
                let server = NameServerConfig::new(server.ip(), true, connections.to_vec());
                let config = ResolverConfig::from_parts(None, Vec::new(), vec![server]);
                TokioResolver::builder_with_config(config, TokioRuntimeProvider::default())
            }
            None => TokioResolver::builder_tokio().map_err(failed)?,
        };
        builder.options_mut().timeout = PATIENCE;
        builder.options_mut().attempts = 1;
        Ok(Self { resolver: builder.build().map_err(failed)? })
    }

    /// The texts at a name, the strings of each joined; none when there is no such name.
    pub async fn texts(&self, name: &str) -> Result<Vec<String>, DnsError> {
        let text = |data: &RData| match data {
            RData::TXT(text) => Some(String::from_utf8_lossy(&text.txt_data.concat()).into_owned()),
            _ => None,
        };
        self.ask(name, RecordType::TXT, text).await
    }

    /// The servers that receive for a domain, the preferred first; none when it has no such record.
    pub async fn receivers(&self, domain: &str) -> Result<Vec<String>, DnsError> {
        let server = |data: &RData| match data {
            RData::MX(mx) => {
                let host = mx.exchange.to_ascii().trim_end_matches('.').to_ascii_lowercase();
                Some((mx.preference, host))
            }
            _ => None,
        };
        let mut servers = self.ask(domain, RecordType::MX, server).await?;
        servers.sort();
        Ok(servers.into_iter().map(|(_, host)| host).collect())
    }

    async fn ask<T>(
        &self,
        name: &str,
        kind: RecordType,
        read: impl Fn(&RData) -> Option<T>,
    ) -> Result<Vec<T>, DnsError> {
        // With the last dot: names are whole, and no search list of the machine plays a part.
        match self.resolver.lookup(format!("{}.", name.trim_end_matches('.')), kind).await {
            Ok(found) => Ok(found.answers().iter().filter_map(|record| read(&record.data)).collect()),
            Err(error) if error.is_no_records_found() => Ok(Vec::new()),
            Err(error) => Err(DnsError(error.to_string())),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::net::UdpSocket;

    /// A name server on loopback that answers every question about `name` with these texts, and all others with "no such name".
    pub(crate) fn name_server(name: &str, texts: &[&str]) -> SocketAddr {
        use hickory_resolver::proto::op::{Message, ResponseCode};
        use hickory_resolver::proto::rr::rdata::{MX, TXT};
        use hickory_resolver::proto::rr::{Name, Record};
        let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
        let address = socket.local_addr().unwrap();
        let (name, texts) = (name.to_owned(), texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        std::thread::spawn(move || {
            let mut buffer = [0; 4096];
            while let Ok((length, client)) = socket.recv_from(&mut buffer) {
                let question = Message::from_vec(&buffer[..length]).unwrap();
                let query = question.queries[0].clone();
                let mut answer = Message::response(question.metadata.id, question.metadata.op_code);
                answer.add_query(query.clone());
                if query.name().to_ascii().trim_end_matches('.') == name {
                    for (n, text) in texts.iter().enumerate() {
                        let data = if query.query_type() == RecordType::MX {
                            RData::MX(MX::new(10 - n as u16, Name::from_ascii(text).unwrap()))
                        } else {
                            let strings =
                                text.as_bytes().chunks(255).map(|part| String::from_utf8_lossy(part).into_owned());
                            RData::TXT(TXT::new(strings.collect()))
                        };
                        answer.add_answer(Record::from_rdata(query.name().clone(), 60, data));
                    }
                } else {
                    answer.metadata.response_code = ResponseCode::NXDomain;
                }
                socket.send_to(&answer.to_vec().unwrap(), client).unwrap();
            }
        });
        address
    }

    #[tokio::test]
    async fn texts_and_receivers_are_found_and_a_missing_name_is_no_error() {
        const LONG: &str = concat!(
            "v=DKIM1; k=rsa; p=",
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB",
            "CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC"
        );
        let dns = Dns::new(Some(name_server("week._domainkey.example.org", &[LONG]))).unwrap();
        assert_eq!(dns.texts("week._domainkey.example.org").await.unwrap(), [LONG]);
        assert_eq!(dns.texts("other._domainkey.example.org").await.unwrap(), Vec::<String>::new());
        let dns = Dns::new(Some(name_server("example.org", &["MX2.example.net.", "mx1.example.net."]))).unwrap();
        assert_eq!(dns.receivers("example.org").await.unwrap(), ["mx1.example.net", "mx2.example.net"]);
    }

    #[tokio::test]
    async fn a_name_server_that_is_not_there_is_said() {
        let nobody = UdpSocket::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let error = Dns::new(Some(nobody)).unwrap().texts("example.org").await.unwrap_err();
        assert!(error.to_string().contains("mail.resolver"), "{error}");
    }
}
