// The vendor's own example: the order of the document and the exact text of its answer.

export const documentOrder = {
  customerId: "0c39d6d5-c70d-4c55-bc02-f620844f3fd1",
  orderId: "34828C05-C16C-4D6F-9CFC-4D2650EF19A1"
}

/** "Get order provisioning status", response example, character by character. */
export const documentStatus = `{
    "totalCount": 1,
    "items": [
        {
            "orderLineItemId": 0,
            "lineItemNumber": 0,
            "status": "fulfilled",
            "quantityProvisioningInformation": [
                {
                    "quantity": 1,
                    "status": "fulfilled"
                }
            ]
        }
    ],
    "attributes": {
        "objectType": "Collection"
    }
}`
