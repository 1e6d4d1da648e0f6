import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';

export const level = defineSearchAttributeKey('SdkLevel', SearchAttributeType.INT);
export const region = defineSearchAttributeKey('SdkRegion', SearchAttributeType.KEYWORD);

/** As the server's flags register them. */
export const searchAttributeFlags = ['--search-attribute', 'SdkLevel=Int', '--search-attribute', 'SdkRegion=Keyword'];
