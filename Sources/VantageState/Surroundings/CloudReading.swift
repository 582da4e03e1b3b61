import NetValues
import Observations

/// Whose machine this is by its firmware (dmidecode(8); the values are those that cloud-init's ds-identify looks for).
enum CloudReading {
    static let files = ["chassis_asset_tag", "sys_vendor", "product_name", "bios_vendor", "bios_version"]

    private static let known: [(file: String, start: String, cloud: String)] = [
        ("chassis_asset_tag", "7783-7084-3265-9085-8269-3286-77", "Azure"),
        ("sys_vendor", "Amazon EC2", "AWS"), ("bios_vendor", "Amazon EC2", "AWS"),
        ("bios_version", "4.11.amazon", "AWS"),
        ("bios_version", "4.2.amazon", "AWS"), ("product_name", "Google Compute Engine", "Google Cloud"),
        ("product_name", "Alibaba Cloud", "Alibaba Cloud"), ("chassis_asset_tag", "OracleCloud.com", "Oracle Cloud"),
        ("sys_vendor", "DigitalOcean", "DigitalOcean"), ("sys_vendor", "Hetzner", "Hetzner Cloud"),
        ("chassis_asset_tag", "HUAWEICLOUD", "Huawei Cloud"), ("sys_vendor", "Scaleway", "Scaleway"),
        ("product_name", "OpenStack", "OpenStack"),
    ]

    static func signs(_ firmware: [String: String]) -> CloudSigns? {
        for entry in known {
            guard let value = firmware[entry.file], value.hasPrefix(entry.start) else { continue }
            return CloudSigns(name: entry.cloud, sign: "\(entry.file): \(value.escaped(limit: 60))")
        }
        return nil
    }
}
