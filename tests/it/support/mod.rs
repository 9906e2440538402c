//! What the integration tests share: private instances of real servers, and a relay that misbehaves on request.
//! Every instance has its own folder and ports, and ends with the value that stands for it.
