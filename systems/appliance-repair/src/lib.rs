//! Appliance after-service centre.
