import ProbeKit
