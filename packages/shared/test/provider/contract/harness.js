export const operations = ['createCharge', 'findCharge', 'cancelCharge', 'expireCharge', 'refundCharge', 'findRefund'];
//# sourceMappingURL=harness.js.map
